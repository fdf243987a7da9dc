/** The shapes of `/api/v1/releases`. */
import { z } from 'zod'
import { releasePhases } from '../domain/release-status'
import { outcomes, phases } from '../domain/status'
import { instant, nextCursor, open, part, said, planHash } from './common-schemas'

export const releasesQuery = z.object(part)
/** A release is called as its chart or its bill of materials calls it. */
export const releaseParams = z.object({ name: z.string().regex(/^[\x20-\x7e]{1,200}$/) })

const release = open({
  id: z.string(),
  name: z.string(),
  hash: z.string().nullable().describe('over its plans in their order: what an approval binds to'),
  phase: z.enum(releasePhases),
  outcome: z.enum(outcomes).nullable(),
  waitingFor: z.string(),
  message: z.string(),
  requestedBy: z.string(),
  approvedBy: z.string().nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
}).meta({ id: 'Release' })

const member = open({
  namespace: z.string(),
  service: z.string(),
  position: z.int(),
  wave: z.int().describe('those of one wave go side by side'),
  after: z.array(z.string()).readonly().describe('services that go before it'),
  planHash: z.string(),
  from: z.string(),
  to: z.string(),
  digest: z.string(),
  upgradeId: z.string().nullable(),
  ready: z.boolean().describe('healthy through its bake'),
  verdict: z.enum(['released', 'undo']).nullable(),
  phase: z.enum(phases).nullable(),
  outcome: z.enum(outcomes).nullable(),
  message: z.string(),
}).meta({ id: 'ReleaseMember' })

export const releasesAnswer = z.object({ releases: z.array(release), next: nextCursor }).meta({ id: 'Releases' })

export const releaseAnswer = z
  .object({
    release,
    waves: z.array(z.array(member)).describe('in the order in which they go'),
    events: z.array(
      open({
        at: instant,
        phase: z.string(),
        kind: z.string(),
        by: z.string().nullable(),
        verified: z.boolean(),
        message: z.string(),
      }),
    ),
    temporal: z.object({ workflowId: z.string(), url: z.string().nullable() }),
  })
  .meta({ id: 'ReleaseDetail' })

export const releaseBodies = {
  approve: z.object({
    planHash,
    reason: said('kept with the approval').optional(),
    changeReference: said('the ticket of the change').optional(),
  }),
  reject: z.object({ planHash: planHash.optional(), reason: said('why, for the record') }),
  abort: z.object({ reason: said('why, for the record') }),
} as const

export const releaseVoteAnswer = z
  .object({
    release: z.string(),
    releaseId: z.string(),
    planHash: z.string().nullable(),
    by: z.string(),
    verified: z.boolean(),
    delivered: z.enum(['update', 'signal']),
    message: z.string(),
    workflowId: z.string(),
  })
  .meta({ id: 'ReleaseVote' })
