/** The shapes of `/api/v1/upgrades`. */
import { z } from 'zod'
import { outcomes, phases } from '../domain/status'
import { at, instant, name, nextCursor, open, part } from './common-schemas'

export const upgrade = open({
  id: z.string(),
  planHash: z.string(),
  namespace: z.string(),
  service: z.string(),
  fromTag: z.string(),
  toTag: z.string(),
  toDigest: z.string(),
  phase: z.enum(phases),
  outcome: z.enum(outcomes).nullable(),
  waitingFor: z.string().describe('in words'),
  message: z.string(),
  startedAt: instant,
  endedAt: instant.nullable(),
}).meta({ id: 'Upgrade' })

export const upgradeParams = z.object({ id: name.describe('of an upgrade') })

const filter = {
  namespace: name.optional(),
  service: name.optional(),
  outcome: z.enum(outcomes).optional(),
  phase: z.enum(phases).optional(),
  state: z.enum(['open', 'held', 'ended']).optional().describe('held: and waits for a repair'),
  by: z.string().min(1).max(200).optional().describe('whoever did something in it'),
  from: at('started then or later').optional(),
  to: at('started before').optional(),
  q: z.string().min(1).max(200).optional().describe('a part of its service, tags, digest, id or message'),
}

export const upgradesQuery = z.object({ ...filter, ...part })
export const upgradesCsvQuery = z.object(filter)

export const upgradesAnswer = z.object({ upgrades: z.array(upgrade), next: nextCursor }).meta({ id: 'Upgrades' })

export const upgradeEvent = open({
  at: instant,
  phase: z.string(),
  kind: z.string(),
  by: z.string().nullable(),
  verified: z.boolean(),
  message: z.string(),
}).meta({ id: 'UpgradeEvent' })

const diagnosis = open({ phase: z.string(), kind: z.string(), rule: z.string(), sentence: z.string(), at: z.string() })
  .describe('what was seen of a failure before anything was undone')
  .meta({ id: 'Diagnosis' })

const yes = z.object({
  by: z.string(),
  verified: z.boolean(),
  via: z.string().nullable().describe('how the name was verified'),
  groups: z.array(z.string()),
  reason: z.string(),
  at: instant,
})

export const approval = open({
  required: z.int().describe('0: nobody is asked'),
  groups: z.array(z.string()).describe('empty: anybody'),
  makerChecker: z.boolean(),
  verifiedOnly: z.boolean(),
  changeReference: z.object({ required: z.boolean(), pattern: z.string().nullable() }).nullable(),
  expiresMs: z.number(),
  emergency: z.string().nullable(),
  approvals: z.array(yes),
  requestedBy: z.string().nullable(),
  ticket: z.string().nullable(),
  votes: z.array(open({ verb: z.string(), by: z.string(), via: z.string(), at: instant })),
}).meta({ id: 'Approval' })

export const sample = z
  .object({
    at: instant,
    workload: z.string(),
    desired: z.int(),
    ready: z.int().describe('new pods that are ready'),
    updated: z.int().describe('new pods'),
    available: z.int().describe('pods that serve, old and new'),
    restarts: z.int().describe('of the new pods, together'),
    healthy: z.boolean().nullable().describe('by the health checks; null where none was asked'),
  })
  .meta({ id: 'HealthSample' })

export const upgradeAnswer = z
  .object({
    upgrade,
    events: z.array(upgradeEvent).describe('oldest first'),
    diagnoses: z.array(diagnosis),
    plan: z
      .object({
        hash: z.string(),
        lines: z.array(z.string()).describe('as people read it'),
        body: open({ version: z.literal(1) }),
      })
      .nullable(),
    approval: approval.nullable(),
    samples: z.array(sample).describe('oldest first'),
    release: z.string().nullable(),
    temporal: z.object({ workflowId: z.string(), url: z.string().nullable() }),
    held: z
      .object({ commands: z.array(z.string()), page: z.string() })
      .nullable()
      .describe('what a person can do, while it is held'),
  })
  .meta({ id: 'UpgradeDetail' })

export const logsAnswer = z
  .object({ logs: z.array(z.object({ step: z.string(), log: z.string(), at: instant })) })
  .meta({ id: 'UpgradeLogs' })

export const reportQuery = z.object({ format: z.enum(['json', 'md']).optional().describe('else by Accept') })

export const reportAnswer = open({
  hub: z.object({ name: z.string(), environment: z.string() }),
  madeAt: instant,
  upgrade,
  release: z.string().nullable(),
  request: open({
    by: z.string(),
    verified: z.boolean(),
    reason: z.string(),
    at: instant,
    ticket: z.string().nullable(),
  }),
  plan: open({ hash: z.string(), policy: z.string(), mode: z.string(), lines: z.array(z.string()) }),
  evidence: open({ samples: z.int() }),
  approval,
  timeline: z.array(upgradeEvent),
  outcome: open({ kind: z.enum(outcomes).nullable(), message: z.string(), wrote: z.boolean() }),
}).meta({ id: 'UpgradeReport' })
