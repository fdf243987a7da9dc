import type { PodObservation, RolloutMemory, RolloutObservation } from './rollout'
import type { GraceOf } from './rollout-graces'
import { clean } from './text'

/** Something that a healthy rollout doesn't show, and how long it may last. */
export interface Sign {
  /** machine word; the same one from old and new pods means that both fail in the same way */
  key: string
  graceMs: number
  /** for a person */
  sentence: string
}

/** What a sign's grace depends on beside the pods themselves. */
export interface Circumstances extends Pick<RolloutMemory, 'restarts' | 'firstSeen'> {
  graceOf: GraceOf
  /** pods of this workload leave, or have left while it was watched: room comes */
  makesRoom: boolean
}

const atOnce = 0
const minute = 60_000

/** A second try won't find it: refused, absent, or built for another platform. */
const refusedPull =
  /not found|manifest unknown|does not exist|no match for platform|unauthorized|authentication required|denied|forbidden|\b40[134]\b/i
const neverStarts = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])
/** The kubelet's caches and the runtime were slow; the next try may find what it needs. */
const slowStart = /timed out|timeout|deadline exceeded|connection refused|unavailable|reserved|in use/i
/** A container that couldn't be run at all, as its end says. */
const neverRan = new Set(['StartError', 'ContainerCannotRun'])

/** Signs of failure, the surest first. */
export function signsOf(
  pods: readonly PodObservation[],
  replicaFailure: RolloutObservation['replicaFailure'],
  known: Circumstances,
): Sign[] {
  const signs = pods.flatMap((pod) => [
    ...waitingSigns(pod, known),
    ...endSigns(pod, known),
    ...restartSigns(pod, known),
    ...placeSigns(pod, known),
  ])
  if (replicaFailure) signs.push(creationSign(replicaFailure, known))
  return bySurety(signs)
}

export const bySurety = (signs: Sign[]): Sign[] => signs.sort((a, b) => a.graceMs - b.graceMs)

function waitingSigns(pod: PodObservation, { firstSeen, graceOf }: Circumstances): Sign[] {
  return pod.waiting.flatMap(({ container, init, reason, message }): Sign[] => {
    const where = `${podName(pod)}: ${init ? 'init container ' : ''}${container}`
    const sign = (key: string, graceMs: number): Sign[] => [
      { key, graceMs, sentence: `${where}: ${reason}${message ? ` (${short(message)})` : ''}` },
    ]
    if (reason === 'InvalidImageName' || reason === 'ErrImageNeverPull') return sign('image-name', graceOf('imageName'))
    if (reason === 'ErrImagePull' || reason === 'ImagePullBackOff') {
      // While it backs off, older kubelets no longer say why: what was said before still holds.
      const refused = refusedPull.test(message) || (reason === 'ImagePullBackOff' && 'image-refused' in firstSeen)
      return refused ? sign('image-refused', graceOf('imageRefused')) : sign('image-pull', graceOf('imagePull'))
    }
    if (!neverStarts.has(reason)) return []
    return sign(
      'container-start',
      slowStart.test(message) ? graceOf('containerStart', minute) : graceOf('containerStart'),
    )
  })
}

/** What can't be run doesn't wait any more, but ends at once, again and again. */
function endSigns(pod: PodObservation, { graceOf }: Circumstances): Sign[] {
  if (pod.ready || !pod.terminated.some(({ reason }) => neverRan.has(reason))) return []
  return [
    {
      key: 'container-start',
      graceMs: graceOf('containerStart'),
      sentence: `${podName(pod)} can't run${lastEnd(pod)}`,
    },
  ]
}

/**
 * A container that ends again and again. One or two ends are usual while a broker comes up, a third is none; between two
 * tries the grace goes on, because a container that runs for a second has not healed.
 */
function restartSigns(pod: PodObservation, { restarts = {}, firstSeen, graceOf }: Circumstances): Sign[] {
  const restarted = pod.restarts - (restarts[podKey(pod)] ?? restarts[pod.name] ?? 0)
  const backsOff = pod.waiting.find(({ reason }) => reason === 'CrashLoopBackOff')
  const sign = (key: string, graceMs: number, words: string): Sign[] => [
    { key, graceMs, sentence: `${podName(pod)}${words}` },
  ]
  const ends = restarted + (backsOff ? 1 : 0)
  if (ends >= 2 && pod.terminated.at(-1)?.reason === 'OOMKilled')
    return sign(
      'out-of-memory',
      graceOf('crashLoop', atOnce),
      ' ran out of memory twice; its limit may be too low for this release',
    )
  if (ends >= 3)
    return sign(
      'crash-loop',
      graceOf('crashLoop', atOnce),
      restarted >= 3
        ? ` restarted ${restarted} times${lastEnd(pod)}`
        : `${containerWords(backsOff)} ended three times${lastEnd(pod)}`,
    )
  const goesOn = !pod.ready && restarted > 0 && 'crash-loop' in firstSeen
  if (!backsOff && !goesOn) return []
  return sign('crash-loop', graceOf('crashLoop'), `${containerWords(backsOff)} crash-loops${lastEnd(pod)}`)
}

const containerWords = (of: { container: string; init: boolean } | undefined): string =>
  of ? `: ${of.init ? 'init container ' : ''}${of.container}` : ''

/** The pod found no node. One that leaves makes room, and a cluster that grows gets a node; else nothing comes. */
function placeSigns(pod: PodObservation, { graceOf, makesRoom }: Circumstances): Sign[] {
  if (!pod.unschedulable) return []
  const { scaleUp, message } = pod.unschedulable
  const graceMs = scaleUp ? graceOf('scaleUp') : graceOf('unschedulable', makesRoom ? minute : undefined)
  return [
    {
      key: 'unschedulable',
      graceMs,
      sentence: `${podName(pod)} finds no node${scaleUp ? ', the cluster is growing' : ''}: ${short(message)}`,
    },
  ]
}

/** Admission says no for good; a quota frees itself when old pods go. */
function creationSign({ message }: NonNullable<RolloutObservation['replicaFailure']>, known: Circumstances): Sign {
  const quota = /exceeded quota/i.test(message)
  return {
    key: quota ? 'quota' : 'admission',
    graceMs: quota ? known.graceOf('quota', known.makesRoom ? minute : undefined) : known.graceOf('admission'),
    sentence: `new pods can't be created: ${short(message)}`,
  }
}

/** The same pod at two looks: the next pod of a StatefulSet has the name of the one before. */
export const podKey = ({ uid, name }: Pick<PodObservation, 'uid' | 'name'>): string => uid || name

/** How a pod is named to a person. */
export const podName = ({ name }: Pick<PodObservation, 'name'>): string => `pod ${name}`

/** What the last end of a container was, as an addition to a sentence; empty when unknown. */
export function lastEnd({ terminated }: PodObservation): string {
  const last = terminated.at(-1)
  return last
    ? `: ${last.init ? 'init container ' : ''}${last.container} ended with ${last.reason || 'Error'}, exit code ${last.exitCode}`
    : ''
}

/** The end of a long message says why, its start what was tried. */
function short(message: string): string {
  const text = clean(message, 2_000)
  return text.length <= 300 ? text : `${text.slice(0, 120)} … ${text.slice(-170)}`
}
