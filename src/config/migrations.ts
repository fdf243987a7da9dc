/** The schema of a policy's `migrations`. */
import { z } from 'zod'
import { count, duration, object, objectAllowed, oneOf, semverRange, text, url } from './values'

const listOf = <T extends z.ZodType>(item: T) => z.array(item, { error: 'must be a list' })
const command = listOf(z.string({ error: 'must be a text' })).min(1, { error: 'must have at least one word' })

const databaseAllowed = 'must be a reference to an environment variable, such as "${LEDGER_DATABASE_URL}"'
/** Kept by name: plans are stored and shown, so the URL behind it must not get into them. */
const database = z
  .string({ error: databaseAllowed })
  .regex(/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/, { error: databaseAllowed })
  .transform((reference) => reference.slice(2, -1))

const rehearse = object({
  copy: database.describe(
    'a database on a throw-away server that has the schema of production; copies of it are made and dropped',
  ),
})

/** Filled when it is asked, so that a secret in it gets into no plan. */
const reference = text().regex(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/)
const backupCheck = z.union(
  [object({ command }), object({ file: text() }), object({ http: z.union([url, reference]) })],
  {
    error: 'must be { command }, { file } or { http }',
  },
)
const backup = object({
  maxAge: duration('1m').describe('how old the newest proven backup may be'),
  check: backupCheck.describe('what proves it'),
}).transform(({ maxAge, check }) => ({ maxAgeMs: maxAge, check }))

const job = object({
  kind: z.literal('job'),
  command,
  deadline: duration('1s').default(600_000),
  database: database.optional().describe('of the service: what the Job applied is compared there'),
  path: text('must be the absolute path of a folder')
    .regex(/^\//, { error: 'must be an absolute path' })
    .optional()
    .describe('the folder of the migrations in the image; looked for by default'),
  table: text().optional().describe("knex's list of applied migrations; looked for by default"),
  startUp: z
    .boolean({ error: 'must be true or false' })
    .optional()
    .describe('the application itself migrates when it starts, and no switch turns that off'),
  rehearse: rehearse.optional(),
  backup: backup.optional(),
}).transform(({ deadline, ...rest }) => ({ ...rest, deadlineMs: deadline }))

const user = object({
  service: text('must be a service, written namespace/name').regex(/^[a-z0-9.-]+\/\S+$/, {
    error: 'must be a service, written namespace/name',
  }),
  version: semverRange.describe('the versions that can do without what contract removes'),
})

const contract = object({
  approval: object({
    required: count(0, 20).default(1),
    groups: listOf(text()).default([]),
    expires: duration('1m').default(259_200_000),
  })
    .transform(({ expires, ...rest }) => ({ ...rest, expiresMs: expires }))
    .optional()
    .describe('its own approval, asked for after the backfill'),
  users: listOf(user)
    .default([])
    .describe('other services that use the same tables: contract waits until each is past it'),
})

const knex = object({
  kind: z.literal('knex'),
  directory: text('must be a folder with expand/, backfill/ or contract/ in it').describe('relative to this file'),
  database,
  rehearse: rehearse.optional(),
  overrides: listOf(text())
    .optional()
    .describe('files, such as expand/001_add.js, whose findings a person takes upon them'),
  backfill: oneOf(['before', 'after']).optional().describe('before the rollout, or after the bake (the default)'),
  contract: contract.optional(),
  backup: backup.optional(),
})

export const migration = z.discriminatedUnion('kind', [job, knex], {
  error: (issue) => (issue.code === 'invalid_union' ? 'must be job or knex' : objectAllowed(issue)),
})
