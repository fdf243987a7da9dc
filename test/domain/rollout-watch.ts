import {
  judgeRollout,
  type Limits,
  newMemory,
  type PodObservation,
  type RolloutMemory,
  type RolloutObservation,
  type Verdict,
} from '../../src/domain/rollout'
import { digest, newImage, observation, pod } from './fixtures'

export const second = 1_000
export const rules = { stallMs: 120 * second, deadlineMs: 600 * second }
export const expected = { containers: [{ name: 'ledger', init: false, image: newImage }], digest: digest('b') }

export const fresh = (more: Partial<PodObservation> = {}): PodObservation =>
  pod({ name: 'new-1', ready: false, digests: [], ...more })
export const old = (more: Partial<PodObservation> = {}): PodObservation =>
  pod({ name: 'old-1', isNew: false, digests: [digest('a')], ...more })
/** One new pod of three came up and is not ready; the old ones serve. */
export const rolling = (pods: PodObservation[], more: Partial<RolloutObservation> = {}): RolloutObservation =>
  observation({
    updated: 1,
    total: 4,
    available: 3,
    pods: [
      ...pods,
      ...['old-1', 'old-2', 'old-3']
        .filter((name) => !pods.some((each) => each.name === name))
        .map((name) => old({ name })),
    ],
    ...more,
  })
export const waits = (reason: string, message = '', more: Partial<PodObservation> = {}) =>
  fresh({ waiting: [{ container: 'ledger', init: false, reason, message }], ...more })
export const ended = (reason: string, exitCode: number, restarts: number) =>
  fresh({ restarts, terminated: [{ container: 'ledger', init: false, reason, exitCode }] })

/** Looks at what is seen at each second given; the last verdict. */
export function watch(
  looks: [number, RolloutObservation][],
  given: Partial<Limits> = {},
  wanted: { digest: string | null } = expected,
) {
  let memory: RolloutMemory = newMemory(0)
  let last: Verdict = { kind: 'progressing', reason: '', sentence: '' }
  for (const [at, seen] of looks) {
    const judged = judgeRollout(
      seen,
      { ...expected, ...wanted },
      { ...rules, ...given },
      JSON.parse(JSON.stringify(memory)) as RolloutMemory,
      at * second,
    )
    memory = judged.memory
    last = judged.verdict
    if (last.kind !== 'progressing') break
  }
  return last
}
export const steady = (seen: RolloutObservation, seconds: number): [number, RolloutObservation][] => [
  [0, seen],
  [seconds, seen],
]
