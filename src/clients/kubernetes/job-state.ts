import type { JobState } from '../contracts'
import { instant, type Job, type Pod } from './wire'

/** Kubernetes tries these again for as long as the Job may run; what is missing seldom appears. */
const hopeless = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
])
const graceMs = 30_000

/** Whether a Job ended, by its conditions; a pod that can't start for 30 s is an end too. `now` is epoch milliseconds. */
export function jobStateOf(job: Job, pods: Pod[], now: number): JobState {
  const condition = (type: string) =>
    job.status?.conditions?.find((each) => each.type === type && each.status === 'True')
  if (condition('Complete')) return { kind: 'succeeded' }
  const failed = condition('Failed')
  if (failed) {
    const end = endOf(pods)
    const reason = [end?.words, failed.reason, failed.message].filter(Boolean).join(', ')
    // At its deadline Kubernetes ends the pods itself, and says Failed only when they have ended.
    const isLost = pods.length === 0 && failed.reason !== 'DeadlineExceeded'
    return { kind: 'failed', reason, ...(end ? { exitCode: end.exitCode } : {}), ...(isLost ? { isLost } : {}) }
  }
  const stuck = pods.map((pod) => stuckReason(pod, now)).find((reason) => reason !== undefined)
  if (stuck !== undefined) return { kind: 'failed', reason: stuck }
  return { kind: 'running', since: instant(job.status?.startTime ?? job.metadata?.creationTimestamp) }
}

/** `exit code 1`, `OOMKilled, exit code 137` */
function endOf(pods: Pod[]): { words: string; exitCode: number } | undefined {
  const ends = pods.flatMap(
    ({ status }) => status?.containerStatuses?.flatMap(({ state }) => state?.terminated ?? []) ?? [],
  )
  const end = ends.find(({ exitCode }) => exitCode !== 0)
  if (!end) return undefined
  const { exitCode, reason } = end
  return { exitCode, words: `${reason && reason !== 'Error' ? `${reason}, ` : ''}exit code ${exitCode}` }
}

function stuckReason({ metadata, status }: Pod, now: number): string | undefined {
  if (now - instant(metadata?.creationTimestamp) < graceMs) return undefined
  const waiting = status?.containerStatuses?.flatMap(({ state }) => state?.waiting ?? []) ?? []
  const stuck = waiting.find(({ reason }) => reason !== undefined && hopeless.has(reason))
  return stuck && [stuck.reason, stuck.message].filter(Boolean).join(': ').slice(0, 400)
}
