/** The one schema of refit.yaml. What it yields is what the rest of Refit works with: defaults filled in, durations in milliseconds. */
import { z } from 'zod'
import { alert } from './alerts'
import { gitops } from './gitops'
import { health } from './health'
import { migration } from './migrations'
import { registry } from './registry'
import { rollout } from './rollout'
import { server } from './server'
import { signature } from './signatures'
import { strategy } from './strategy'
import {
  count,
  cronLine,
  day,
  duration,
  localTime,
  object,
  oneOf,
  registryHost,
  semverRange,
  text,
  timeZone,
  url,
  xRange,
} from './values'

const listOf = <T extends z.ZodType>(item: T) => z.array(item, { error: 'must be a list' })
const imagePatterns = listOf(text()).min(1, { error: 'must have at least one pattern, such as "*/hub/*"' })

const hub = object({
  name: text().describe('named in every alert'),
  environment: text().describe('such as production'),
})

const scan = object({ every: duration('1s').default(300_000) }).transform(({ every }) => ({ everyMs: every }))

const windowEnd = {
  duration: duration('10s'),
  timeZone,
  except: listOf(day).optional().describe('days on which it does not start'),
}
const windowRule = z
  .union(
    [
      object({ cron: cronLine.describe('of its start'), ...windowEnd }),
      object({
        rrule: text('must be a recurrence rule, such as "FREQ=MONTHLY;BYDAY=2SA"').describe('RFC 5545'),
        from: localTime.describe('the first start, YYYY-MM-DDTHH:MM'),
        ...windowEnd,
      }),
    ],
    { error: 'must be { cron, duration, timeZone } or { rrule, from, duration, timeZone }' },
  )
  .transform(({ duration: durationMs, ...rest }) => ({ ...rest, durationMs }))

const freeze = object({ from: day, to: day, timeZone })

const approval = object({
  required: count(0, 20).optional().describe('how many people must say yes; automatic asks nobody unless it says so'),
  makerChecker: z
    .boolean({ error: 'must be true or false' })
    .default(false)
    .describe('one person requests, another approves'),
  groups: listOf(text()).default([]).describe('only members of these may approve or reject'),
  unverified: oneOf(['refuse', 'accept']).default('refuse').describe('names that come without a login'),
  expires: duration('1m').default(259_200_000).describe('how long the question stays open'),
  escalate: duration('1m').optional().describe('how long before it expires it is asked again, louder'),
  changeReference: object({
    required: z.boolean({ error: 'must be true or false' }).default(true),
    pattern: text().optional().describe('RE2, of the whole reference'),
  }).optional(),
})

const promote = object({
  from: text('must be the name of one of hubs'),
  bakedFor: duration('0s').default(0).describe('how long it must have run there'),
}).transform(({ from, bakedFor }) => ({ from, bakedForMs: bakedFor }))

const settle = object({
  for: duration('1m').describe('only the newest known, once it is this old'),
  atMost: duration('1m').default(1_209_600_000).describe('the longest that newer ones hold an upgrade back'),
}).transform(({ for: forMs, atMost: atMostMs }) => ({ forMs, atMostMs }))

const policy = object({
  name: text(),
  select: object({
    namespaces: listOf(text()).min(1, { error: 'must name at least one namespace' }),
    images: imagePatterns,
  }),
  mode: oneOf(['watch', 'approve', 'automatic']).default('watch'),
  strategy: strategy
    .default('bugfix')
    .describe(
      'patch is a hot-fix of the same x.y.z; bugfix is the z of x.y.z; digest follows a moving tag; release is what the newest supported release of the bill of materials names',
    ),
  prerelease: text('must be none or the name of one channel, such as snapshot').default('none'),
  hotfixes: oneOf(['ignore', 'accept'])
    .default('ignore')
    .describe('accept: strategies other than patch offer hot-fixes above their release, too'),
  minimumAge: duration('0s').default(0).describe('a younger tag is passed over for the highest that is old enough'),
  settle: settle.optional(),
  firstScan: oneOf(['publisher', 'wait'])
    .default('publisher')
    .describe("how old a tag counts that was met in a repository's first scan"),
  platforms: oneOf(['nodes', 'ignore']).default('nodes'),
  approval: approval.prefault({}),
  emergency: text('must name a group').optional().describe('its members may start outside windows and in freezes'),
  promote: promote.optional(),
  signatures: listOf(signature)
    .min(1, { error: 'must have at least one, or be left out' })
    .optional()
    .describe('who must have signed a candidate; one of them is enough'),
  windows: listOf(windowRule).default([]),
  freezes: listOf(freeze).default([]),
  whenWindowCloses: oneOf(['finish', 'hold', 'rollback'])
    .default('finish')
    .describe('what becomes of an upgrade that runs when its window closes: at its next safe point'),
  expectedDuration: duration('1s').optional().describe('of an upgrade; by default learned from earlier ones'),
  migrations: listOf(migration).default([]),
  acceptRestartRisk: z
    .boolean({ error: 'must be true or false' })
    .optional()
    .describe('old pods that are made anew between expand and the end of the rollout may fail to start'),
  rollout: rollout.prefault({}),
  health: listOf(health).default([]),
  helmDrift: oneOf(['refuse', 'accept']).default('refuse'),
  gitops: gitops.optional().describe('images are changed by commits to this file; the workload itself is not patched'),
}).transform(({ approval: { required, expires, escalate, ...asked }, minimumAge, expectedDuration, ...rest }) => ({
  ...rest,
  minimumAgeMs: minimumAge,
  ...(expectedDuration === undefined ? {} : { expectedMs: expectedDuration }),
  approval: {
    ...asked,
    required: required ?? (rest.mode === 'automatic' ? 0 : 1),
    expiresMs: expires,
    escalateMs: escalate ?? Math.min(expires / 4, 86_400_000),
  },
}))

const supported = z.union(
  [
    object({ release: xRange.describe('releases of the bill of materials'), until: day }),
    object({ images: imagePatterns, line: semverRange, until: day }),
  ],
  { error: 'must be { release, until } or { images, line, until }' },
)

const webhook = object({
  kind: oneOf(['distribution', 'dockerhub', 'harbor', 'ghcr', 'quay']).describe('what sends it'),
  secret: text().describe('a reference such as "${HOOK_SECRET}"'),
  host: registryHost.optional().describe('the registry that it speaks for; absent means any'),
})

const serviceName = text('must be a service, written namespace/name').regex(/^[a-z0-9.-]+\/\S+$/, {
  error: 'must be a service, written namespace/name',
})
const order = object({ first: serviceName, then: listOf(serviceName).min(1, { error: 'must name a service' }) })

const person = object({
  name: text('must be how the person is called in approvals, such as an e-mail address'),
  slack: text().optional().describe('Slack user id, such as U012ABCDEF'),
  groups: listOf(text()).default([]),
})

const otherHub = object({
  name: text(),
  url: url.describe("of its Refit's HTTP server"),
  token: text().describe('a reference to a viewer token of that Refit'),
})

const dailyTime = text('must be a time such as 07:30').regex(/^([01]\d|2[0-3]):[0-5]\d$/, {
  error: 'must be a time such as 07:30',
})

export const schema = object({
  hub,
  scan: scan.prefault({}),
  registries: listOf(registry).default([]),
  supported: listOf(supported).default([]).describe('a service outside its supported lines is unsupported'),
  billOfMaterials: text('must be the path of a YAML or JSON file')
    .optional()
    .describe('relative to this file: { product, releases: { release: { image: tag } } }'),
  policies: listOf(policy).min(1, { error: 'must have at least one policy' }),
  order: listOf(order).default([]).describe('what goes first in a release'),
  releases: object({
    approval: oneOf(['once', 'each']).default('once'),
    onFailure: oneOf(['rollback', 'hold']).default('rollback').describe('of what the release upgraded before'),
  }).prefault({}),
  upgradesAtOnce: count(1, 10_000)
    .default(32)
    .describe('how many upgrades may be between preflight and bake; the others wait for a turn'),
  people: listOf(person).default([]).describe('who may be named in groups, and who they are in Slack'),
  hubs: listOf(otherHub).default([]).describe('other Refits, for promote'),
  alerts: listOf(alert).default([]),
  digestAt: object({ times: listOf(dailyTime).min(1, { error: 'must have at least one time' }), timeZone })
    .optional()
    .describe('when the daily digest goes out'),
  heartbeat: url.optional().describe('called after each complete scan'),
  temporalUi: url.optional().describe('of the Temporal Web UI, for links in alerts'),
  webhooks: listOf(webhook).default([]),
  server: server.prefault({}).describe('where people reach the HTTP server, and how they log in'),
})
