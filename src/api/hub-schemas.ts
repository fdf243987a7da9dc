/** The shapes of what concerns the whole hub: calendar, registries, freezes, quarantine, Schedules, scans, alerts. */
import { z } from 'zod'
import { at, instant, name, open, said } from './common-schemas'

export const calendarQuery = z.object({
  from: at('today unless given').optional(),
  to: at('four weeks later unless given; at most 62 days').optional(),
})

const time = z.string().describe('ISO 8601')

export const calendarAnswer = z
  .object({
    from: time,
    to: time,
    openings: z.array(
      z.object({
        policy: z.string(),
        namespaces: z.array(z.string()),
        from: time,
        to: time.nullable().describe('null: no end in sight'),
        timeZone: z.string().describe('what local times are told in'),
      }),
    ),
    freezes: z.array(
      z.object({
        source: z.enum(['policy', 'switch']),
        policy: z.string().nullable(),
        namespace: z.string().nullable(),
        from: time,
        to: time.nullable().describe('null: until somebody lifts it'),
        reason: z.string(),
        by: z.string().nullable(),
      }),
    ),
    cut: z.array(z.string()).describe('policies with more openings than are told here'),
  })
  .meta({ id: 'Calendar' })

export const registriesAnswer = z
  .object({
    registries: z.array(
      z.object({
        host: z.string(),
        repositories: z.int(),
        failing: z.array(z.object({ repository: z.string(), code: z.string(), message: z.string(), at: instant })),
        doubted: z.array(z.string()).describe("repositories whose list can't be trusted"),
        lastReadAt: instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'Registries' })

export const freeze = open({
  id: z.string(),
  namespace: z.string().nullable().describe('null: the whole hub'),
  reason: z.string(),
  by: z.string(),
  verified: z.boolean(),
  at: instant,
}).meta({ id: 'Freeze' })

const pastFreeze = open({
  ...freeze.shape,
  lifted: z.object({ at: instant, by: z.string(), verified: z.boolean(), because: z.string() }).nullable(),
})

export const freezesAnswer = z
  .object({ freezes: z.array(pastFreeze).describe('those that hold, and those of the last 90 days') })
  .meta({ id: 'Freezes' })

export const freezeBody = z.object({
  namespace: name.nullable().describe('null: the whole hub'),
  reason: said('why, for the record'),
})

export const freezeAnswer = z
  .object({
    freeze,
    alreadyFrozen: z.boolean(),
    holds: z.int().describe('open upgrades that it holds, sooner or later'),
  })
  .meta({ id: 'FreezeResult' })

export const liftAnswer = z
  .object({
    freeze,
    liftedBy: z.string(),
    woken: z.int().nullable().describe('workflows that were told; null: Temporal is away, they look within the hour'),
    remaining: z.array(freeze),
  })
  .meta({ id: 'LiftResult' })

export const quarantineAnswer = z
  .object({
    quarantined: z.array(
      open({
        namespace: z.string(),
        service: z.string(),
        tag: z.string(),
        digest: z.string(),
        reason: z.string(),
        upgradeId: z.string(),
        since: instant,
      }),
    ),
  })
  .meta({ id: 'Quarantine' })

export const quarantineLiftBody = z.object({
  namespace: name,
  service: name,
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  reason: said('why, for the record').optional(),
})

export const quarantineLiftAnswer = z
  .object({ namespace: z.string(), service: z.string(), digest: z.string(), liftedBy: z.string() })
  .meta({ id: 'QuarantineLift' })

export const scan = open({
  id: z.string(),
  startedAt: instant,
  endedAt: instant,
  complete: z.boolean().describe('every watched image was read'),
  summary: z.string(),
}).meta({ id: 'Scan' })

export const scansAnswer = z
  .object({ scan: scan.nullable().describe('null: none has ended yet') })
  .meta({ id: 'LastScan' })

export const triggeredAnswer = z
  .object({ workflowId: z.string(), alreadyRan: z.boolean().describe('a Schedule starts none beside it') })
  .meta({ id: 'Triggered' })

export const scheduleParams = z.object({ name: z.enum(['scan', 'digest']) })

export const schedulesAnswer = z
  .object({
    schedules: z.array(
      open({
        id: z.string(),
        state: z.enum(['active', 'paused', 'missing']),
        note: z.string().describe('who paused or resumed it, and why'),
        lastRuns: z.array(z.object({ workflowId: z.string(), dueAt: instant, startedAt: instant })),
        nextRuns: z.array(instant),
        missed: z.int(),
      }),
    ),
  })
  .meta({ id: 'Schedules' })

export const scheduleBody = z.object({ reason: said('why, for the record') })

export const scheduleAnswer = z
  .object({ schedule: z.string(), state: z.enum(['active', 'paused']), note: z.string() })
  .meta({ id: 'ScheduleResult' })

export const alertsAnswer = z
  .object({
    targets: z.array(open({ target: z.string(), waiting: z.int(), dead: z.int(), lastError: z.string() })),
    alerts: z.array(
      open({
        id: z.string(),
        target: z.string(),
        key: z.string(),
        level: z.string(),
        title: z.string(),
        state: z.string(),
      }),
    ),
  })
  .meta({ id: 'Alerts' })

export const settingsAnswer = open({ hub: z.object({ name: z.string(), environment: z.string() }) })
  .describe('durations in milliseconds; ${NAME} where the environment fills something in')
  .meta({ id: 'Settings' })
