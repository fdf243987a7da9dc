/** The one schema of refit.yaml. What it yields is what the rest of Refit works with: defaults filled in, durations in milliseconds. */
import { z } from 'zod'
import { registry } from './registry'
import { strategy } from './strategy'
import {
  count,
  cronLine,
  day,
  duration,
  object,
  objectAllowed,
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

const windowRule = object({ cron: cronLine, duration: duration('10s'), timeZone }).transform(
  ({ duration: durationMs, ...rest }) => ({
    ...rest,
    durationMs,
  }),
)

const freeze = object({ from: day, to: day, timeZone })

const job = object({
  kind: z.literal('job'),
  command: listOf(z.string({ error: 'must be a text' })).min(1, { error: 'must have at least one word' }),
  deadline: duration('1s').default(600_000),
}).transform(({ deadline, ...rest }) => ({ ...rest, deadlineMs: deadline }))

const databaseAllowed = 'must be a reference to an environment variable, such as "${LEDGER_DATABASE_URL}"'
const knex = object({
  kind: z.literal('knex'),
  directory: text('must be a folder with expand/, backfill/ or contract/ in it').describe('relative to this file'),
  // Kept by name: plans are stored and shown, so the URL behind it must not get into them.
  database: z
    .string({ error: databaseAllowed })
    .regex(/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/, { error: databaseAllowed })
    .transform((reference) => reference.slice(2, -1)),
})

const migration = z.discriminatedUnion('kind', [job, knex], {
  error: (issue) => (issue.code === 'invalid_union' ? 'must be job or knex' : objectAllowed(issue)),
})

const expectAllowed = 'must be a JSON path of the running version, such as "$.versionNumber"'
const health = object({
  http: text().regex(/^\//, { error: 'must be a path, such as /health' }),
  port: count(1, 65_535),
  expect: object({
    status: text().optional(),
    version: text(expectAllowed)
      .regex(/^\$(?:\.[A-Za-z_][\w-]*)+$/, { error: expectAllowed })
      .optional(),
  }).prefault({}),
})

const rollout = object({
  bake: duration('0s').default(600_000),
  stall: duration('1s').default(120_000),
  deadline: duration('1s').default(600_000),
  maxUnavailable: count(0, 1_000).default(0),
}).transform(({ bake, stall, deadline, maxUnavailable }) => ({
  bakeMs: bake,
  stallMs: stall,
  deadlineMs: deadline,
  maxUnavailable,
}))

const approval = object({
  required: z.union([z.literal(0), z.literal(1)], { error: 'must be 0 or 1' }).optional(),
  unverified: oneOf(['refuse', 'accept']).default('refuse'),
  expires: duration('1m').default(259_200_000),
})

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
  windows: listOf(windowRule).default([]),
  freezes: listOf(freeze).default([]),
  migrations: listOf(migration).default([]),
  rollout: rollout.prefault({}),
  health: listOf(health).default([]),
  helmDrift: oneOf(['refuse', 'accept']).default('refuse'),
}).transform(({ approval: { required, expires }, minimumAge, ...rest }) => ({
  ...rest,
  minimumAgeMs: minimumAge,
  approval: { required: required ?? (rest.mode === 'automatic' ? (0 as const) : (1 as const)), expiresMs: expires },
}))

const supported = z.union(
  [
    object({ release: xRange.describe('releases of the bill of materials'), until: day }),
    object({ images: imagePatterns, line: semverRange, until: day }),
  ],
  { error: 'must be { release, until } or { images, line, until }' },
)

const alert = object({
  slack: url.optional().describe('incoming webhook'),
  webhook: url.optional(),
  signedWith: text().optional().describe('key of the HMAC signature of a webhook'),
  on: listOf(oneOf(['info', 'action', 'page']))
    .min(1, { error: 'must have at least one of info, action, page' })
    .default(['action', 'page']),
  format: oneOf(['refit', 'ml-operator']).optional().describe('of a slack target'),
}).transform(({ slack, webhook, signedWith, on, format }) =>
  slack === undefined
    ? { kind: 'webhook' as const, url: webhook ?? '', signedWith, on }
    : { kind: 'slack' as const, url: slack, format: format ?? ('refit' as const), on },
)

const webhook = object({
  kind: oneOf(['distribution', 'dockerhub', 'harbor', 'ghcr', 'quay']).describe('what sends it'),
  secret: text().describe('a reference such as "${HOOK_SECRET}"'),
  host: registryHost.optional().describe('the registry that it speaks for; absent means any'),
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
  alerts: listOf(alert).default([]),
  webhooks: listOf(webhook).default([]),
})
