import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { readApplied } from '../../src/clients/applied-migrations'
import { classifyPair } from '../support/classify-pair'
import { knexList } from '../../src/domain/migrations/knex-list'
import { predictLatest, type AppliedMigrations } from '../../src/domain/migrations/prediction'
import { centralLedgerReleases, writeRelease, type Release } from '../support/central-ledger'
import { testMariaDb, type TestMariaDb } from '../support/mariadb'
import { sha256 } from './layers'

const tableName = 'migration'
const releases = centralLedgerReleases()
const folder = mkdtempSync(join(tmpdir(), 'refit-releases-'))
const folders = new Map<string, string>()
const dialects: Knex[] = []
let mariadb: TestMariaDb

beforeAll(async () => {
  for (const release of releases) folders.set(release.name, await writeRelease(folder, release))
  mariadb = await testMariaDb()
})
afterAll(async () => {
  await Promise.all(dialects.map((each) => each.destroy()))
  await mariadb?.remove()
  rmSync(folder, { recursive: true, force: true })
})

const say = (): void => undefined
const log = { warn: say, error: say, deprecate: say, debug: say }
function connect(url: string): Knex {
  const connection = { uri: url } as Knex.MySql2ConnectionConfig
  const db = knex({ client: 'mysql2', connection, log, pool: { min: 0, max: 2 } })
  dialects.push(db)
  return db
}
const configOf = (name: string, more: Knex.MigratorConfig = {}): Knex.MigratorConfig => ({
  directory: folders.get(name) ?? '',
  tableName,
  ...more,
})
const filesOf = ({ files }: Release) =>
  knexList(Object.entries(files).map(([name, text]) => ({ name, sha256: sha256(text) })))
const namesOf = (release: Release): string[] => filesOf(release).map(({ name }) => name)

/** What knex really does: the names, or its message. */
const really = (did: Promise<unknown>): Promise<string[] | string> =>
  (did as Promise<[unknown, unknown[]]>).then(
    ([, names]) => names.map((each) => (typeof each === 'string' ? each : (each as { file: string }).file)),
    (error: Error) => error.message,
  )
const predicted = (release: Release, applied: AppliedMigrations): string[] | string => {
  const prediction = predictLatest(namesOf(release), applied)
  return prediction.kind === 'applies' ? prediction.pending : prediction.says
}

test('of every pair of releases knex does what is predicted, forwards and on the way back', async () => {
  const url = await mariadb.create()
  const db = connect(url)
  const compared = { latest: 0, list: 0, upgradesRefused: [] as string[], rollbacksRefused: 0 }
  const applied = () => readApplied({ url, place: 'LEDGER_DATABASE_URL' })
  const [first, ...rest] = releases as [Release, ...Release[]]
  expect(await really(db.migrate.latest(configOf(first.name)))).toEqual(namesOf(first))

  let running = first
  for (const next of rest) {
    const known = classifyPair(filesOf(running), filesOf(next))
    const forwards = predicted(next, await applied())
    expect(await really(db.migrate.latest(configOf(next.name)))).toEqual(forwards)
    compared.latest += 1
    expect(known.forwards === 'refused').toBe(typeof forwards === 'string')
    if (typeof forwards === 'string') {
      compared.upgradesRefused.push(`${running.name} ${next.name}`)
      // Somebody corrects the list by hand, as was done where this happened.
      await db(tableName).whereIn('name', known.missingForwards).delete()
      const pending = predicted(next, await applied())
      expect(await really(db.migrate.latest(configOf(next.name)))).toEqual(pending)
    }
    const state = await applied()
    // The running release again, as after a rollback; by list, because it would apply what the next one dropped.
    const back = predicted(running, state)
    if (typeof back === 'string' || back.length === 0) {
      expect(await really(db.migrate.latest(configOf(running.name)))).toEqual(back)
      compared.latest += 1
    }
    if (typeof back === 'string') compared.rollbacksRefused += 1
    expect(known.backwards === 'refused').toBe(typeof back === 'string')
    // Nothing is changed by a list, so that any release can be asked; some do.
    for (const other of compared.latest % 3 === 0 ? releases : []) {
      expect(await really(db.migrate.list(configOf(other.name)))).toEqual(predicted(other, state))
      compared.list += 1
    }
    running = next
  }
  expect(compared).toEqual({
    latest: 50,
    list: 216,
    upgradesRefused: ['v9.2.1 v9.2.2', 'v9.3.0 v9.4.0', 'v10.1.0 v10.1.1', 'v17.7.0 v17.7.1'],
    rollbacksRefused: 17,
  })
  expect(namesOf(running).length).toBeGreaterThan(200)
})

test('with the list validation off knex goes on where it would refuse, and a lock stops it either way', async () => {
  const [older, newer] = [releases.at(-2) as Release, releases.at(-1) as Release]
  const small = { name: 'small', files: { ...Object.fromEntries(Object.entries(older.files).slice(0, 3)) } }
  const grown = {
    name: 'grown',
    files: { ...small.files, ...Object.fromEntries(Object.entries(newer.files).slice(-2)) },
  }
  for (const release of [small, grown]) folders.set(release.name, await writeRelease(folder, release))
  const url = await mariadb.create()
  const db = connect(url)
  await db.migrate.latest(configOf('grown'))
  const off = { disableMigrationsListValidation: true }
  const read = () => readApplied({ url, place: 'LEDGER_DATABASE_URL' })
  expect(await really(db.migrate.latest(configOf('small', off)))).toEqual([])
  expect(predictLatest(namesOf(small), await read(), off)).toEqual({ kind: 'applies', pending: [] })

  await db('migration_lock').update({ is_locked: 1 })
  const locked = await read()
  expect(locked.locked).toBe(true)
  expect(await really(db.migrate.latest(configOf('grown')))).toBe(predicted(grown, locked))
  expect(await really(db.migrate.latest(configOf('small')))).toBe(predicted(small, locked))
})
