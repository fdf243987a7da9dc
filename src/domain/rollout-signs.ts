import type { PodObservation, RolloutMemory, RolloutObservation } from './rollout'
import { clean } from './text'

/** Something that a healthy rollout doesn't show, and how long it may last. */
export interface Sign {
  /** machine word; the same one from old and new pods means that both fail in the same way */
  key: string
  graceMs: number
  /** for a person */
  sentence: string
}

const atOnce = 0
const second = 1_000
const minute = 60 * second

/** A second try won't find it: refused, absent, or built for another platform. */
const refusedPull =
  /not found|manifest unknown|does not exist|no match for platform|unauthorized|authentication required|denied|forbidden|\b40[134]\b/i
const neverStarts = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])

/** Signs of failure, the surest first. */
export function signsOf(
  pods: readonly PodObservation[],
  replicaFailure: RolloutObservation['replicaFailure'],
  known: Pick<RolloutMemory, 'restarts' | 'firstSeen'>,
): Sign[] {
  const signs = pods.flatMap((pod) => [...waitingSigns(pod, known), ...restartSigns(pod, known), ...placeSigns(pod)])
  if (replicaFailure) signs.push(creationSign(replicaFailure))
  return signs.sort((a, b) => a.graceMs - b.graceMs)
}

function waitingSigns(pod: PodObservation, { firstSeen }: Pick<RolloutMemory, 'firstSeen'>): Sign[] {
  return pod.waiting.flatMap(({ container, init, reason, message }): Sign[] => {
    const where = `${podName(pod)}: ${init ? 'init container ' : ''}${container}`
    const sign = (key: string, graceMs: number): Sign[] => [
      { key, graceMs, sentence: `${where}: ${reason}${message ? ` (${short(message)})` : ''}` },
    ]
    if (reason === 'InvalidImageName' || reason === 'ErrImageNeverPull') return sign('image-name', atOnce)
    if (reason === 'ErrImagePull' || reason === 'ImagePullBackOff') {
      // While it backs off, older kubelets no longer say why: what was said before still holds.
      const refused = refusedPull.test(message) || (reason === 'ImagePullBackOff' && 'image-refused' in firstSeen)
      return refused ? sign('image-refused', 15 * second) : sign('image-pull', 5 * minute)
    }
    // One or two restarts are usual while a database or a broker comes up; the third restart is a sign of its own.
    if (reason === 'CrashLoopBackOff')
      return [{ key: 'crash-loop', graceMs: 30 * second, sentence: `${where} crash-loops${lastEnd(pod)}` }]
    return neverStarts.has(reason) ? sign('container-start', minute) : []
  })
}

function restartSigns(pod: PodObservation, { restarts = {} }: Pick<RolloutMemory, 'restarts'>): Sign[] {
  const count = pod.restarts - (restarts[pod.name] ?? 0)
  if (count >= 2 && pod.terminated.some(({ reason }) => reason === 'OOMKilled'))
    return [
      {
        key: 'out-of-memory',
        graceMs: atOnce,
        sentence: `${podName(pod)} ran out of memory twice; its limit may be too low for this release`,
      },
    ]
  return count >= 3
    ? [{ key: 'crash-loop', graceMs: atOnce, sentence: `${podName(pod)} restarted ${count} times${lastEnd(pod)}` }]
    : []
}

/** Nothing on the node failed yet: the pod found no node. kstatus waits 15 s; a cluster that grows gets five minutes. */
function placeSigns(pod: PodObservation): Sign[] {
  if (!pod.unschedulable) return []
  const grows = /TriggeredScaleUp|scale-up/i.test(pod.unschedulable.message)
  return [
    {
      key: 'unschedulable',
      graceMs: grows ? 5 * minute : 15 * second,
      sentence: `${podName(pod)} finds no node: ${short(pod.unschedulable.message)}`,
    },
  ]
}

/** Admission says no for good; a quota may free itself when old pods go. */
function creationSign({ message }: NonNullable<RolloutObservation['replicaFailure']>): Sign {
  const quota = /exceeded quota/i.test(message)
  return {
    key: quota ? 'quota' : 'admission',
    graceMs: quota ? minute : 15 * second,
    sentence: `new pods can't be created: ${short(message)}`,
  }
}

/** How a pod is named to a person. */
export const podName = ({ name }: PodObservation): string => `pod ${name}`

/** What the last end of a container was, as an addition to a sentence; empty when unknown. */
export function lastEnd({ terminated }: PodObservation): string {
  const last = terminated.at(-1)
  return last
    ? `: ${last.init ? 'init container ' : ''}${last.container} ended with ${last.reason || 'Error'}, exit code ${last.exitCode}`
    : ''
}

const short = (message: string): string => clean(message, 300)
