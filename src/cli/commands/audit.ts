import { type Anchor, listActs, verifyAudit } from '../../operations/audit'
import type { Command } from '../context'
import { exitCodes } from '../exit-codes'
import { safe } from '../render'

/** Who did what, newest first. */
export const list: Command<{ limit: number; before?: number }> = async (context, _args, { limit, before }) => {
  const store = await context.parts.store()
  const found = await context.waitFor('the store', () => listActs({ store }, { limit, before }))
  context.print(found, () => {
    if (found.audit.length === 0) return ['nobody has done anything yet']
    const rows = found.audit.map(({ position, at, act, by, verified, via, subject, detail }) => [
      ...[String(position), at, act, subject ?? ''],
      `${by}${verified ? ` (${via ?? 'verified'})` : verified === false ? ' (unverified)' : ''}`,
      reasonIn(detail),
    ])
    return [
      context.table(['#', 'AT', 'ACT', 'ABOUT', 'BY', 'WHY'], rows),
      ...(found.next === null ? [] : [context.paint('dim', `more: refit audit list --before ${found.next}`)]),
    ]
  })
}

/** Whether the record is as it was written. */
export const verify: Command<{ anchor?: Anchor }> = async (context, _args, { anchor }) => {
  const store = await context.parts.store()
  const found = await context.waitFor('the record', () => verifyAudit({ store }, anchor ? [anchor] : []))
  const { rows, head, broken } = found
  context.print(found, () => [
    broken
      ? context.paint('bad', safe(`row ${broken.position} is broken: ${broken.because}`))
      : context.paint('good', `all ${rows} rows are as they were written`),
    ...(head ? [`${broken ? 'last right row' : 'head'}: ${head.position}:${head.hash}`] : []),
    broken
      ? 'next: compare with a backup of the store; docs/runbook.md has more'
      : context.paint(
          'dim',
          'keep the head elsewhere: refit audit verify --anchor HEAD then also finds what is cut off',
        ),
  ])
  return broken ? exitCodes.failed : exitCodes.ok
}

const reasonIn = ({ reason, message, note }: Record<string, unknown>): string =>
  [reason, message, note].find((each) => typeof each === 'string') ?? ''
