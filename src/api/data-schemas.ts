/** The shapes of `/api/v1/data`: backfills and contracts. */
import { z } from 'zod'
import { dataStages } from '../domain/data-status'
import { outcomes } from '../domain/status'
import { instant, open, said, planHash } from './common-schemas'
import { upgradeEvent } from './upgrade-schemas'

const run = open({
  id: z.string(),
  namespace: z.string(),
  service: z.string(),
  upgradeId: z.string(),
  planHash: z.string(),
  toTag: z.string(),
  phase: z.enum(dataStages),
  outcome: z.enum(outcomes).nullable(),
  waitingFor: z.string(),
  message: z.string(),
  startedAt: instant,
  endedAt: instant.nullable(),
}).meta({ id: 'DataRun' })

export const dataRunsAnswer = z.object({ runs: z.array(run) }).meta({ id: 'DataRuns' })

export const dataAnswer = open({
  run,
  from: z.string(),
  backfill: z.array(z.string()),
  contract: z.array(z.string()),
  progress: z.array(open({ file: z.string(), state: z.enum(['not begun', 'running', 'stopped', 'done', 'unknown']) })),
  events: z.array(upgradeEvent),
  next: z.string().describe('the command that comes next'),
}).meta({ id: 'DataDetail' })

const reason = said('why, for the record')

/** A contract is final, so that its approval names the plan. */
export const dataBodies = {
  approve: z.object({ planHash, reason: reason.optional() }),
  reject: z.object({ planHash: planHash.optional(), reason }),
  withdraw: z.object({ planHash: planHash.optional(), reason: reason.optional() }).nullish(),
  pause: z.object({ reason }),
  resume: z.object({ reason: reason.optional() }).nullish(),
  abort: z.object({ reason }),
} as const

export const dataVoteAnswer = z
  .object({
    namespace: z.string(),
    service: z.string(),
    vote: z.string(),
    dataId: z.string(),
    upgradeId: z.string(),
    planHash: z.string(),
    to: z.string(),
    by: z.string(),
    verified: z.boolean(),
    delivered: z.enum(['update', 'signal']),
    message: z.string(),
    workflowId: z.string(),
  })
  .meta({ id: 'DataVote' })

export const startedDataAnswer = z
  .object({
    namespace: z.string(),
    service: z.string(),
    upgradeId: z.string(),
    planHash: z.string(),
    to: z.string(),
    workflowId: z.string(),
    next: z.string(),
  })
  .meta({ id: 'StartedData' })
