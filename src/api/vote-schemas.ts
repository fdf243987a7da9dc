/** What people say to an upgrade over HTTP. Who says it is never read from a body: it is whose token it is. */
import { z } from 'zod'
import { said, planHash } from './common-schemas'

const reason = said('why, for the record')
const changeReference = said('the ticket of the change').optional()
const aboutPlan = { planHash: planHash.optional(), reason: reason.optional() }

/** A route per verb; each takes only what its verb understands. */
export const voteBodies = {
  request: z.object({ planHash, reason: reason.optional(), changeReference }),
  approve: z.object({
    ...{
      planHash,
      reason: reason.optional().describe('kept with the approval; now and overrideFreeze need it'),
      changeReference,
    },
    now: z.boolean().optional().describe("start outside of windows: for the policy's emergency group"),
    overrideFreeze: z.boolean().optional().describe('start in a freeze, too'),
  }),
  reject: z.object({ planHash: planHash.optional(), reason }),
  withdraw: z.object(aboutPlan).nullish(),
  snooze: z.object({ ...aboutPlan, until: z.iso.datetime({ offset: true }).describe('with its offset') }),
  pause: z.object({ reason }),
  resume: z.object({ reason: reason.optional() }).nullish(),
  abort: z.object({ reason }),
} as const

export const voteHeaders = z.object({
  'if-match': z.string().max(500).optional().describe('the ETag of the service or upgrade as it was seen'),
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .describe('a request that is repeated with the same key is the same vote'),
})

export const voteAnswer = z
  .object({
    namespace: z.string(),
    service: z.string(),
    vote: z.string(),
    by: z.string(),
    verified: z.boolean(),
    voteId: z.string().nullable(),
    upgradeId: z.string(),
    planHash: z.string(),
    from: z.string(),
    to: z.string(),
    delivered: z.enum(['update', 'signal']).describe('signal: no worker answered; it is read when one is back'),
    message: z.string().describe("the upgrade's answer"),
    workflowId: z.string(),
    equivalent: z.string().nullable(),
  })
  .meta({ id: 'Vote' })
