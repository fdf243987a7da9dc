import { push } from '../../examples/hub/image/push'
import { imageAnswers, type ImageMeans } from '../../src/activities/image-answers'
import { createRegistry, hostLimits } from '../../src/clients/registry'
import type { JobSource } from '../../src/domain/policy'
import type { Store } from '../../src/store/contracts'
import { startRealRegistry, type RealRegistry } from '../clients/real-registry'
import { configOf, layerOf, type Entry } from '../clients/layers'
import { container, policy, service, workload } from '../domain/fixtures'
import { testDatabases, type TestDatabases } from '../support/database'

const registry = createRegistry({ registries: [], limits: hostLimits() })
let real: RealRegistry
let databases: TestDatabases
let store: Store
let database: string

beforeAll(async () => {
  ;[real, databases] = await Promise.all([startRealRegistry({}, {}), testDatabases()])
  ;({ store } = await databases.store())
  database = await databases.create()
  await databases.query(
    database,
    'create table migration (id serial, name text, batch int, migration_time timestamptz)',
  )
  await databases.query(database, 'create table migration_lock (is_locked int); insert into migration_lock values (0)')
})
afterAll(async () => {
  await registry.close()
  await databases.remove()
  await real.close()
})

const adds = 'exports.up = (knex) => knex.schema.createTable("a", () => {})'
const drops = 'exports.up = (knex) => knex.schema.alterTable("a", (t) => t.dropColumn("b"))'

/** Pushes an image whose /opt/app/migrations has these files. */
const pushed = async (repository: string, tag: string, files: Record<string, string>): Promise<string> => {
  const entries = Object.entries(files).map(([name, text]): Entry => [`opt/app/migrations/${name}`, text])
  return push({ registry: real.host, repository, tag, layers: [await layerOf(entries)], config: configOf() })
}

const means = (environment: Record<string, string> = {}): ImageMeans => ({ registry, store, environment })
const asked = (
  name: string,
  running: string,
  candidate: { tag: string; digest: string },
  more: Partial<JobSource> = {},
) => {
  const repository = `${real.host}/${name}`
  const image = `${repository}:v1.0.0`
  const migrator = container('v1.0.0', { name: 'run-migration', init: true, image })
  return {
    service: service({
      repository,
      runningDigests: [running],
      workloads: [workload({ containers: [migrator, container('v1.0.0', { image })] })],
    }),
    policy: policy({
      strategy: 'minor',
      migrations: [{ kind: 'job', command: ['npm', 'run', 'migrate'], deadlineMs: 60_000, ...more }],
    }),
    candidate,
  }
}
const manifestsAsked = (): number => registry.requests()[real.host] ?? 0

test('the images of a service are read from their layers, once: the store answers afterwards', async () => {
  const running = await pushed('hub/ledger', 'v1.0.0', { '001_a.js': adds, '002_a.js': adds })
  const digest = await pushed('hub/ledger', 'v1.1.0', {
    '001_a.js': `${adds} // edited`,
    '002_a.js': adds,
    '003_a.js': adds,
  })
  const question = asked('hub/ledger', running, { tag: 'v1.1.0', digest })
  const expected = {
    0: {
      kind: 'read',
      basis: 'running image',
      forwards: { kind: 'applies', pending: ['003_a.js'] },
      backwards: { kind: 'starts-with', keepNew: 'run-migration' },
      difference: { added: ['003_a.js'], removed: [], edited: ['001_a.js'] },
    },
  }
  expect(await imageAnswers(means(), question)).toMatchObject(expected)
  const requests = manifestsAsked()
  expect(await imageAnswers(means(), question)).toMatchObject(expected)
  expect(manifestsAsked()).toBe(requests)
})

test('what the database has applied decides, where the job names one', async () => {
  const running = await pushed('hub/quoting', 'v1.0.0', { '001_a.js': adds })
  const digest = await pushed('hub/quoting', 'v1.1.0', { '001_a.js': adds, '003_a.js': adds })
  await databases.query(
    database,
    "delete from migration; insert into migration (name, batch) values ('001_a.js', 1), ('002_a.js', 1)",
  )
  const question = asked('hub/quoting', running, { tag: 'v1.1.0', digest }, { database: 'LEDGER_URL' })
  expect(await imageAnswers(means({ LEDGER_URL: database }), question)).toMatchObject({
    0: { basis: 'database', forwards: { kind: 'refuses', missing: ['002_a.js'] } },
  })
})

test('a jump over the release that stops using what goes shows the way through it', async () => {
  const running = await pushed('hub/settlement', 'v1.0.0', { '001_a.js': adds })
  await pushed('hub/settlement', 'v1.1.0', { '001_a.js': adds, '002_a.js': adds })
  await pushed('hub/settlement', 'v1.2.0-rc.1', { '001_a.js': adds })
  const digest = await pushed('hub/settlement', 'v1.2.0', { '001_a.js': adds, '002_a.js': adds, '003_a.js': drops })
  const answers = await imageAnswers(means(), asked('hub/settlement', running, { tag: 'v1.2.0', digest }))
  expect(answers[0]).toMatchObject({
    between: { path: { kind: 'path', through: ['v1.1.0', 'v1.2.0'] }, read: 1, known: 1 },
  })
})

test('of many releases between, eight are looked into, and it is said', async () => {
  const running = await pushed('hub/many', 'v1.0.0', { '001_a.js': adds })
  for (let minor = 1; minor <= 10; minor += 1) await pushed('hub/many', `v1.${minor}.0`, { '001_a.js': adds })
  const digest = await pushed('hub/many', 'v1.11.0', { '001_a.js': adds, '003_a.js': drops })
  const answers = await imageAnswers(means(), asked('hub/many', running, { tag: 'v1.11.0', digest }))
  expect(answers[0]).toMatchObject({
    unread: '2 of 10 releases between',
    between: { path: { through: ['v1.10.0', 'v1.11.0'] }, read: 8, known: 10 },
  })
})

test.each<[string, Partial<JobSource>, string, Record<string, string>, object]>([
  [
    'an image that is not there',
    {},
    'hub/ghost',
    {},
    { kind: 'unknown', why: expect.stringContaining('There is no image') },
  ],
  [
    'a folder that the image has not',
    { path: '/srv/db' },
    'hub/ledger',
    {},
    { kind: 'unknown', why: expect.stringContaining('has no migrations in /srv/db') },
  ],
  [
    'a variable that is empty',
    { database: 'LEDGER_URL' },
    'hub/ledger',
    {},
    { basis: 'running image', unread: 'the environment variable LEDGER_URL is empty here' },
  ],
  [
    'a database that is away',
    { database: 'LEDGER_URL' },
    'hub/ledger',
    { LEDGER_URL: 'postgres://refit:secret@127.0.0.1:1/ledger' },
    { basis: 'running image', unread: expect.stringMatching(/^(?!.*secret).*LEDGER_URL.*ECONNREFUSED/) },
  ],
])('unreadable and no error: %s', async (_what, more, name, environment, expected) => {
  const running = await pushed('hub/ledger', 'v1.0.0', { '001_a.js': adds })
  const made = await pushed('hub/ledger', 'v1.2.0', { '001_a.js': adds, '004_a.js': adds })
  const digest = name === 'hub/ghost' ? `sha256:${'0'.repeat(64)}` : made
  const answers = await imageAnswers(means(environment), asked(name, running, { tag: 'v1.2.0', digest }, more))
  expect(answers[0]).toMatchObject(expected)
})

test('without the digest that runs, only a database can tell what would be applied', async () => {
  const digest = await pushed('hub/ledger', 'v1.3.0', { '001_a.js': adds })
  const question = asked('hub/ledger', digest, { tag: 'v1.3.0', digest })
  const answers = await imageAnswers(means(), { ...question, service: { ...question.service, runningDigests: [] } })
  expect(answers[0]).toMatchObject({ kind: 'unknown', why: expect.stringContaining('nobody can tell which digest') })
})
