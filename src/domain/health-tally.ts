import type { HealthVerdict } from './health'

/** Bad answers in a row, by who was asked; plain JSON. */
export type HealthTally = Record<string, number>

export interface HealthSample {
  /** a pod, or serviceAsked */
  pod: string
  /** index in the policy's health checks */
  check: number
  verdict: HealthVerdict
  /** stands for several already: one bad one is enough */
  isSure?: boolean
}

/** Who is asked by a check that is of the service as a whole; no pod is called so. */
export const serviceAsked = (check: number): string => `#${check}`

const badInARow = 2

export interface Tallied {
  tally: HealthTally
  /** the check that fails, and why */
  failed?: { check: number; sentence: string }
  /** what could not be read */
  blind?: string
  /** what isn't settled yet */
  pending?: string
}

/**
 * Counts one round of answers. One bad answer may be a hiccup; two rounds in a row from the same pod are a failure, whatever
 * the other pods say. What can't be read changes no count, so it neither fails a pod nor clears it; pods that are gone are forgotten.
 */
export function tallyHealth(before: HealthTally, samples: readonly HealthSample[]): Tallied {
  const after: Tallied = { tally: {} }
  for (const pod of new Set(samples.map((sample) => sample.pod))) {
    const said = samples.filter((sample) => sample.pod === pod)
    const of = (kind: HealthVerdict['kind']) => said.find(({ verdict }) => verdict.kind === kind)
    const [bad, unread, early] = [of('bad'), of('unknown'), of('waiting')]
    const count = bad ? (before[pod] ?? 0) + 1 : unread ? (before[pod] ?? 0) : 0
    after.tally[pod] = count
    if (bad && (count >= badInARow || bad.isSure)) after.failed ??= { check: bad.check, sentence: words(bad) }
    if (unread) after.blind ??= words(unread)
    if (early) after.pending ??= words(early)
    if (bad) after.pending ??= `${words(bad)}; asked again`
    else if (count > 0) after.pending ??= `${pod} gave a bad answer; asked again`
  }
  return after
}

const words = ({ pod, check, verdict }: HealthSample): string =>
  pod === serviceAsked(check) ? verdict.sentence : `${pod}: ${verdict.sentence}`
