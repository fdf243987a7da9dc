import type { PodObservation, RolloutObservation } from './rollout'
import type { Phase } from './status'
import { durationWords } from './text'

/** Something that Kubernetes said of a pod. */
export interface PodEvent {
  reason: string
  message: string
  count: number
  /** epoch milliseconds */
  at: number
}

export interface PodDiagnosis {
  workload: string
  pod: string
  container: string
  /** in words: what is wrong with it */
  state: string
  /** last lines, oldest first, without what looks like a secret */
  log: string[]
  /** warnings, oldest first */
  events: string[]
}

/** What was seen of a failure when the verdict fell, before anything was undone. Bounded, and kept in Refit's own store. */
export interface Diagnosis {
  phase: Phase
  kind: 'failed' | 'unknown' | 'conflict'
  /** the rule that fired: a verdict's machine word */
  rule: string
  sentence: string
  /** ISO instant of the verdict */
  at: string
  /** how long after its first sign (where a rule notes one), else after the change, ms */
  detected?: { ms: number; after: 'sign' | 'change' }
  /** at most two, the worst first */
  pods: PodDiagnosis[]
  /** what could not be read, and why */
  unread: string[]
}

export const diagnosisLimits = { pods: 2, logLines: 20, logBytes: 16 * 1024, lineCharacters: 300, events: 5 }

/** A pod to look at, and the container and run whose log tells most. */
export interface Suspect {
  workload: string
  pod: string
  container: string
  /** it ended and was started again: the run before says why */
  previous: boolean
  state: string
}

/** Waiting like this is the way of every pod. */
const usualWaits: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

/** The new pods of a workload that are worst off, worst first; none where all are ready and never restarted. */
export function suspectsOf(workload: string, { pods, containers }: RolloutObservation): Suspect[] {
  const application = containers.find(({ init }) => !init)?.name ?? ''
  return pods
    .filter((pod) => pod.isNew && !pod.deleting && badness(pod) > 0)
    .sort((a, b) => badness(b) - badness(a) || b.restarts - a.restarts || a.createdAt - b.createdAt)
    .slice(0, diagnosisLimits.pods)
    .map((pod) => ({
      workload,
      pod: pod.name,
      container: waitOf(pod)?.container ?? pod.terminated.at(-1)?.container ?? application,
      previous: pod.restarts > 0,
      state: stateWords(pod),
    }))
}

const waitOf = ({ waiting }: PodObservation): PodObservation['waiting'][number] | undefined =>
  waiting.find(({ reason }) => !usualWaits.has(reason))

function badness(pod: PodObservation): number {
  if (waitOf(pod)) return 5
  if (pod.unschedulable) return 4
  if (pod.terminated.length > 0) return 3
  if (!pod.ready) return 2
  return pod.restarts > 0 ? 1 : 0
}

function stateWords(pod: PodObservation): string {
  const wait = waitOf(pod)
  const end = pod.terminated.at(-1)
  return [
    wait ? `waits: ${wait.reason}${wait.message ? ` (${oneLine(wait.message)})` : ''}` : '',
    pod.unschedulable ? `no node takes it: ${oneLine(pod.unschedulable.message)}` : '',
    end ? `${end.container} ended with exit code ${end.exitCode}${end.reason ? ` (${end.reason})` : ''}` : '',
    pod.restarts > 0 ? `${pod.restarts} ${pod.restarts === 1 ? 'restart' : 'restarts'}` : '',
    pod.ready ? 'ready now' : 'not ready',
  ]
    .filter(Boolean)
    .join(', ')
}

/** The last warnings, oldest first, in words. */
export const eventWords = (events: readonly PodEvent[]): string[] =>
  [...events]
    .sort((a, b) => a.at - b.at)
    .slice(-diagnosisLimits.events)
    .map(({ reason, message, count }) => `${reason}${count > 1 ? ` ×${count}` : ''}: ${oneLine(message)}`)

/** The last lines of a log, each bounded; empty ones left out. */
export const logLines = (log: string): string[] =>
  log
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-diagnosisLimits.logLines)
    .map(bounded)

const oneLine = (text: string): string => bounded(text.replace(/\s+/g, ' ').trim())

const bounded = (text: string): string =>
  text.length > diagnosisLimits.lineCharacters ? `${text.slice(0, diagnosisLimits.lineCharacters - 1)}…` : text

/** A diagnosis in lines: for alerts and the CLI, which both show its log by themselves. */
export function diagnosisWords({ rule, detected, pods, unread }: Diagnosis): string[] {
  const seconds =
    detected && `${durationWords(detected.ms)} after ${detected.after === 'sign' ? 'its first sign' : 'the change'}`
  return [
    `Rule ${rule}${seconds ? `, detected ${seconds}` : ''}.`,
    ...pods.map(
      ({ workload, pod, container, state }) => `Pod ${pod} of ${workload}, container ${container}: ${state}.`,
    ),
    ...pods.flatMap(({ events }) => events).map((event) => `Kubernetes: ${event}`),
    ...unread.map((what) => `Not read: ${what}`),
  ]
}
