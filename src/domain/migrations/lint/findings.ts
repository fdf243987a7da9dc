import type { Allowed } from './allow'
import type { Finding, Remark, Script, StatementLocks } from './contracts'
import type { Locks } from './locks'
import { excerptsOf, placesIn } from './place'
import { rules } from './rules'

type Span = { start: number; end: number }

/** Remarks with their places, in the order of the file. */
export function toFindings(script: Script, byStatement: Allowed[][], aboutComments: Remark[]): Finding[] {
  const placeOf = placesIn(script.text)
  const excerpt = excerptsOf(script.text)
  const finding = (remark: Remark, { start, end }: Span, reason?: string): Finding => {
    const { rule, at = start, detail, rehearse } = remark
    return {
      rule,
      severity: rules[rule].severity,
      ...placeOf(at),
      statement: excerpt(start, end),
      ...(detail === undefined || detail === '' ? {} : { detail }),
      ...(rehearse === undefined ? {} : { rehearse }),
      ...(reason === undefined ? {} : { allowed: reason }),
    }
  }
  const found = byStatement.flatMap((each, index) =>
    each.map(({ remark, allowed }) => finding(remark, script.statements[index] ?? { start: 0, end: 0 }, allowed)),
  )
  const comments = aboutComments.map((remark) => finding(remark, { start: remark.at ?? 0, end: remark.at ?? 0 }))
  return [...found, ...comments].sort((a, b) => a.line - b.line || a.column - b.column)
}

/** The locks of each statement that takes some. */
export function placeLocks(script: Script, byStatement: Locks[]): StatementLocks[] {
  const placeOf = placesIn(script.text)
  const excerpt = excerptsOf(script.text)
  return script.statements.flatMap(({ start, end }, index) => {
    const locks = byStatement[index]
    if (!locks || locks.size === 0) return []
    return [{ ...placeOf(start), statement: excerpt(start, end), locks: Object.fromEntries(locks) }]
  })
}
