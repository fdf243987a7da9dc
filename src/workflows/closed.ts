/** What an answer of the activity `window` that is not yes means to whoever waits. */
import type { WindowAnswer } from '../activities/contracts'
import { instant } from '../domain/text'

/** A freeze that only a person lifts is looked at once an hour also when nobody says that it is lifted. */
export const lookAgainMs = 3_600_000

/** A call that was lost with its worker. */
const turnAgainMs = 600_000

/** However often it is woken. */
export const betweenWakesMs = 5_000

/** Why it is closed, in words; empty when it is open. Builds before this one gave no reason of `never`. */
export const reasonOf = (answer: WindowAnswer): string =>
  answer.kind === 'open' ? '' : (answer.because ?? 'no window of the policy ever opens')

/** Whether a freeze closes it, and not a window. Builds before this one said so in words only. */
export const isFreeze = (answer: WindowAnswer): boolean =>
  answer.kind === 'closed' && (answer.cause ? answer.cause === 'freeze' : /freeze/i.test(reasonOf(answer)))

/** Whether it waits for a data workflow, which wakes it when it ends. */
export const isData = (answer: WindowAnswer): boolean => answer.kind === 'closed' && answer.cause === 'data'

/** Whether it waits for a turn; who is called is woken. */
const isTurn = (answer: WindowAnswer): boolean => answer.kind === 'closed' && answer.cause === 'turn'

/** How long to wait before looking again. */
export function untilOpen(answer: WindowAnswer): { until: number; summary: string } {
  const opensAt = opensAtOf(answer)
  if (isTurn(answer)) return { until: Date.now() + turnAgainMs, summary: 'looks again in ten minutes' }
  return opensAt === undefined
    ? { until: Date.now() + lookAgainMs, summary: 'looks again within the hour' }
    : { until: opensAt, summary: `window opens at ${new Date(opensAt).toISOString()}` }
}

/** What it waits for and what comes then, in words. */
export function closedWords(answer: WindowAnswer): { waitingFor: string; message: string; opensAt?: string } {
  if (answer.kind !== 'closed') return { waitingFor: '', message: '' }
  const { because } = answer
  const opensAt = opensAtOf(answer)
  if (isData(answer)) return { waitingFor: `the ${because}`, message: 'starts by itself once that one has ended' }
  if (isTurn(answer)) return { waitingFor: `a ${because}`, message: 'starts by itself once one of them bakes or ends' }
  if (opensAt === undefined)
    return { waitingFor: `the ${because}`, message: 'goes on by itself once the freeze is lifted' }
  const at = instant(opensAt)
  return { waitingFor: `the ${because} until ${at}`, message: `starts by itself at ${at}`, opensAt: at }
}

const opensAtOf = (answer: WindowAnswer): number | undefined =>
  answer.kind === 'closed' ? (answer.opensAt ?? undefined) : undefined

export const pausedWords = ({ by, reason }: { by: string; reason: string }): string =>
  `a resume, paused by ${by}${reason ? `: ${reason}` : ''}`
