/** What operators do to a service beside votes: go back, go on, record a repair, trust a list, mark a version. */
import { z } from 'zod'
import { name, open, said } from './common-schemas'

const reason = said('why, for the record')
const version = name.describe('a tag')

export const repairBodies = {
  rollback: z.object({ reason, dryRun: z.boolean().default(false).describe('only show what it would do') }),
  'put-back': z.object({ reason }),
  'go-on': z.object({ reason: reason.optional() }).nullish(),
  resolve: z.object({
    reason,
    as: z.enum(['succeeded', 'rolled-back']).optional().describe('how it counts'),
    force: z.boolean().default(false).describe('although the cluster runs neither'),
  }),
  accept: z.object({
    reason,
    list: z
      .string()
      .regex(/^[0-9a-f]{12,64}$/)
      .optional()
      .describe('only the list with this hash'),
  }),
  'security/mark': z.object({ version, reason }),
  'security/lift': z.object({ version }),
} as const

const ofService = { namespace: z.string(), service: z.string() }

export const repairAnswers = {
  rollback: open({
    ...ofService,
    upgradeId: z.string().describe('the succeeded one that is taken back'),
    from: z.string(),
    to: z.string(),
    workloads: z.array(z.object({ workload: z.string(), images: z.array(z.string()) })),
    workflowId: z.string().nullable().describe('null: it was only shown'),
  }).meta({ id: 'Rollback' }),
  resumed: open({
    ...ofService,
    upgradeId: z.string(),
    planHash: z.string(),
    to: z.string(),
    from: z.string().describe('where it goes on'),
    workflowId: z.string(),
  }).meta({ id: 'Resumed' }),
  resolve: open({
    ...ofService,
    upgradeId: z.string(),
    matches: z.enum(['old', 'new', 'neither']),
    as: z.enum(['succeeded', 'rolled-back']).nullable(),
    by: z.string(),
    reason: z.string(),
  }).meta({ id: 'Resolution' }),
  accept: open({ ...ofService, repository: z.string(), acceptedBy: z.string(), reason: z.string() }).meta({
    id: 'Accepted',
  }),
  mark: open({ ...ofService, version: z.string(), alreadyMarked: z.boolean(), idle: z.string().nullable() }).meta({
    id: 'Marked',
  }),
  lift: open({ ...ofService, version: z.string(), liftedBy: z.string() }).meta({ id: 'MarkLifted' }),
} as const
