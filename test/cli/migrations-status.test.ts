/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import type { ImageFiles } from '../../src/clients/registry/image-files'
import { digest, fakeRegistry } from '../operations/support'
import { refit } from './support'

const host = 'registry.example.org/hub/ledger'
const numberOf = (tag: string): string => tag.replace(/\D/g, '').slice(0, 1)

/** Images by tag: the files of `/opt/app/migrations`, as `name` or `name=content`. */
function registryOf(images: Record<string, string>, more: Partial<ImageFiles> = {}) {
  const filesOf = (text: string): ImageFiles => ({
    workingDirectory: 'opt/app',
    folders: [
      {
        path: 'opt/app/migrations',
        files: text.split(' ').map((each) => {
          const [name = '', sha256 = name] = each.split('=')
          return { name, sha256 }
        }),
      },
    ],
    knexfiles: [],
    layers: 1,
    bytes: 1,
    ...more,
  })
  return fakeRegistry(Object.keys(images), {
    digestOf: async (_repository, tag) => (images[tag] === undefined ? undefined : digest(numberOf(tag))),
    imageFiles: async (_repository, wanted) => {
      const found = Object.entries(images).find(([tag]) => digest(numberOf(tag)) === wanted)
      return found && filesOf(found[1])
    },
  })
}

test('of one image its migrations are listed, with why that folder', async () => {
  const run = await refit(`migrations status ${host}:v1`, { registry: registryOf({ v1: '100_a.js 200_b.js' }) })
  expect(run.code).toBe(0)
  expect(run.out).toContain(
    `${host}:v1: 2 migrations in /opt/app/migrations (the nearest migrations folder below the working directory /opt/app)`,
  )
  expect(run.out).toMatch(/MIGRATION .*\n100_a.js .*\n200_b.js /)
  expect(run.out).toContain('Nothing to compare with: name --from or --database.')
  expect(run.opened).toEqual(['registry'])
})

test('the difference, what would run, and that nobody said who migrates on the way back', async () => {
  const registry = registryOf({ v1: '100_a.js 300_c.js', v2: '100_a.js=edited 200_b.js 300_c.js 400_d.js' })
  const run = await refit(`migrations status ${host}:v2 --from ${host}:v1`, { registry })
  expect(run.code).toBe(0)
  expect(run.out).toContain(
    '2 added, 0 removed, 1 edited. knex would apply 2 on a database that has all of the running',
  )
  expect(run.out).toMatch(/200_b.js +added, out of order +pending/)
  expect(run.out).toMatch(/100_a.js +edited +edited\n/)
  expect(run.out).not.toMatch(/^300_c.js/m)
  expect(run.out).toContain('The migration directory is corrupt, the following files are missing: 200_b.js, 400_d.js')
  expect(run.out).toContain('next: Say who runs them: --init-container NAME')
})

test.each([
  [
    '--init-container run-migration --start-up --switch LEDGER_MIGRATIONS_DISABLED=true',
    0,
    'For a rollback keep the init container run-migration on the new image and set LEDGER_MIGRATIONS_DISABLED=true on the application first.',
  ],
  ['--init-container run-migration', 0, 'For a rollback keep the init container run-migration on the new image.'],
  ['--start-up', 3, 'no documented switch of the service turns that off'],
  ['--not-at-start', 0, 'nothing runs its migrations when a pod starts'],
  ['--switch A=b', 2, ''],
  ['--start-up --switch A', 2, ''],
  ['--not-at-start --start-up', 2, ''],
])('the way back with %s exits %i', async (options, code, says) => {
  const registry = registryOf({ v1: '100_a.js', v2: '100_a.js 200_b.js' })
  const run = await refit(`migrations status ${host}:v2 --from ${host}:v1 ${options}`, { registry })
  expect(run.code).toBe(code)
  expect(run.out).toContain(says)
})

test('a renamed file is refused, and named', async () => {
  const registry = registryOf({ v1: '100_settlment.js=x', v2: '100_settlement.js=x' })
  const run = await refit(`migrations status ${host}:v2 --from ${host}:v1`, { registry })
  expect(run.code).toBe(3)
  expect(run.out).toContain(
    'refused: knex will refuse to migrate with registry.example.org/hub/ledger:v2: The migration directory is corrupt, the following files are missing: 100_settlment.js. 100_settlment.js is now called 100_settlement.js, with the same content.',
  )
})

test('the JSON has everything', async () => {
  const registry = registryOf({ v1: '100_a.js', v2: '100_a.js 200_b.js' })
  const run = await refit(`migrations status ${host}:v2 --from ${host}:v1 --not-at-start -o json`, { registry })
  expect(run.json()).toMatchObject({
    image: { image: `${host}:v2`, digest: digest('2'), folder: '/opt/app/migrations', others: [], knexfile: null },
    from: { migrations: [{ name: '100_a.js', sha256: '100_a.js' }] },
    difference: { added: ['200_b.js'], removed: [], edited: [] },
    database: null,
    basis: 'running image',
    forwards: { kind: 'applies', pending: ['200_b.js'] },
    backwards: { kind: 'not-asked' },
    path: null,
    findings: [{ level: 'note' }],
  })
})

test('what the knexfile says counts, as far as its text tells', async () => {
  const knexfiles = [
    { path: 'opt/app/knexfile.js', text: "{ directory: './migrations', disableMigrationsListValidation: true }" },
  ]
  const registry = registryOf({ v1: '100_a.js 200_b.js', v2: '100_a.js' }, { knexfiles })
  const run = await refit(`migrations status ${host}:v2 --from ${host}:v1`, { registry })
  expect(run.code).toBe(0)
  expect(run.out).toContain('(/opt/app/knexfile.js names it)')
  expect(run.out).toContain('switches off the check for missing files')
})

test('a jump past a release that dropped a file goes round it; without a way it is refused', async () => {
  const images = { v1: '100_a.js', v2: '100_a.js 200_b.js', v3: '100_a.js 300_c.js' }
  const line = `migrations status ${host}:v3 --from ${host}:v1 --between ${host}:v2 -o json`
  expect((await refit(line, { registry: registryOf(images) })).json().path).toEqual({
    kind: 'path',
    through: [`${host}:v3`],
    why: [],
  })
  expect((await refit(`migrations status ${host}:v3 --between ${host}:v2`)).code).toBe(2)
})

test.each([
  ['an address in place of its variable', 'postgres://me:hunter2@db/ledger'],
  ['an address that looks odd', 'hunter2@db'],
])('%s is not repeated', async (_what, database) => {
  const run = await refit(['migrations', 'status', `${host}:v1`, '--database', database])
  expect(run.code).toBe(2)
  expect(run.out + run.err).not.toContain('hunter2')
  expect(run.opened).toEqual([])
})

test('a database that is away is told by the name of its variable alone', async () => {
  const run = await refit(`migrations status ${host}:v1 --database LEDGER_DATABASE_URL`, {
    registry: registryOf({ v1: '100_a.js' }),
    env: { LEDGER_DATABASE_URL: 'mysql://me:hunter2@127.0.0.1:1/ledger' },
  })
  expect(run.code).toBe(1)
  expect(run.err).toContain("The database that LEDGER_DATABASE_URL names can't be read (ECONNREFUSED).")
  expect(run.out + run.err).not.toMatch(/hunter2|127\.0\.0\.1/)
})

test.each([
  ['an empty variable', `${host}:v1 --database LEDGER_DATABASE_URL`, 2],
  ['no tag', host, 2],
  ['no image', '::', 2],
  ['an image that is not there', `${host}:v9`, 5],
])('%s is refused', async (_what, line, code) => {
  expect((await refit(`migrations status ${line}`, { registry: registryOf({ v1: '100_a.js' }) })).code).toBe(code)
})

test('an image without migrations says so', async () => {
  const run = await refit(`migrations status ${host}:v1`, { registry: registryOf({ v1: 'index.js' }) })
  expect(run.out).toContain('no migrations found (no folder called migrations has files that knex would take)')
  expect(run.out).toContain('warning: No migrations were found')
})
