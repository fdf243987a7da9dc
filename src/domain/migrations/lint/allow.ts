import type { Remark, Script } from './contracts'
import { isRuleId } from './rules'

interface Allowance {
  rule: string
  reason: string
  /** where the comment is */
  start: number
  /** the statement that it is about */
  statement: number
}

const form = /^(?:--|\/\*)\s*refit:allow\s+([\w-]+)\s*(?::([^\n]*))?/

/** Comments that silence a rule: above the statement, in it, or behind it on its last line. */
export function allowances({ comments, statements, text }: Script): Allowance[] {
  const bytes = new TextEncoder().encode(text)
  return comments.flatMap((comment): Allowance[] => {
    const [, rule, reason = ''] = form.exec(comment.text) ?? []
    if (rule === undefined) return []
    const before = statements.findLastIndex(({ end }) => end <= comment.start)
    const gap = bytes.subarray(statements[before]?.end ?? 0, comment.start)
    const isBehind = before >= 0 && !gap.includes(10)
    return [
      {
        rule,
        reason: reason.replace(/\*\/$/, '').trim(),
        start: comment.start,
        statement: isBehind ? before : before + 1,
      },
    ]
  })
}

/** A remark, and why somebody silenced it. */
export interface Allowed {
  remark: Remark
  allowed?: string
}

/** Silences what comments allow with a reason; a comment that doesn't is a remark itself. */
export function applyAllowances(given: Allowance[], byStatement: Remark[][]): { allowed: Allowed[][]; bad: Remark[] } {
  const used = new Set<Allowance>()
  const reasoned = new Map(
    given.filter(({ reason }) => reason !== '').map((each) => [`${each.statement} ${each.rule}`, each]),
  )
  const allowed = byStatement.map((remarks, index) =>
    remarks.map((remark): Allowed => {
      const match = reasoned.get(`${index} ${remark.rule}`)
      if (match) used.add(match)
      return match ? { remark, allowed: match.reason } : { remark }
    }),
  )
  const bad = given
    .filter((each) => !used.has(each))
    .map(({ rule, reason, start }): Remark => {
      const detail = !isRuleId(rule)
        ? `there is no rule ${rule}`
        : reason === ''
          ? `no reason for ${rule}`
          : `${rule} has nothing to silence here`
      return { rule: 'bad-allow', at: start, detail }
    })
  return { allowed, bad }
}
