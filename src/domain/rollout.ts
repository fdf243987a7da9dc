import type { RolloutRules } from './policy'

/** One pod of a workload, as far as a verdict needs it. Instants are epoch milliseconds. */
export interface PodObservation {
  name: string
  /** of the revision that the rollout brings, by pod-template-hash */
  isNew: boolean
  phase: string
  ready: boolean
  deleting: boolean
  createdAt: number
  /** highest restart count of any container, init containers and sidecars included */
  restarts: number
  waiting: { container: string; init: boolean; reason: string; message: string }[]
  terminated: { container: string; init: boolean; reason: string; exitCode: number }[]
  unschedulable?: { since: number; message: string }
  /** digests that the service's application containers really run */
  digests: string[]
}

export interface RolloutObservation {
  uid: string
  generation: number
  observedGeneration: number
  desired: number
  updated: number
  total: number
  available: number
  paused: boolean
  conditions: { type: string; status: string; reason: string; message: string; since: number }[]
  /** the service's containers in the template now */
  containers: { name: string; init: boolean; image: string }[]
  /** ReplicaFailure of the new ReplicaSet (quota, admission) */
  replicaFailure?: { reason: string; message: string; since: number }
  pods: PodObservation[]
}

/** What a watch remembers between two looks; plain JSON, kept in heartbeat details so that a new attempt goes on from it. */
export interface RolloutMemory {
  startedAt: number
  highWater: number
  highWaterAt: number
  /** when a failing sign was first seen, by sign */
  firstSeen: Record<string, number>
}

export interface Verdict {
  kind: 'progressing' | 'healthy' | 'failed' | 'unknown' | 'conflict'
  /** machine word, e.g. crash-loop, image-pull, stall, deadline */
  reason: string
  /** for a person */
  sentence: string
}

export type RolloutJudge = (
  seen: RolloutObservation,
  expected: { containers: { name: string; init: boolean; image: string }[]; digest: string | null },
  rules: Pick<RolloutRules, 'stallMs' | 'deadlineMs'>,
  memory: RolloutMemory,
  now: number,
) => { verdict: Verdict; memory: RolloutMemory }
