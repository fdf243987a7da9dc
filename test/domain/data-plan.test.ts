import {
  backfillsBefore,
  contractBackups,
  contractRules,
  dataSteps,
  hasSameData,
  schemaUsers,
  waitsForData,
} from '../../src/domain/data-plan'
import type { Plan, PlannedMigration } from '../../src/domain/plan'
import { planOf } from './fixtures'

type Knex = Extract<PlannedMigration, { kind: 'knex' }>
const file = (phase: 'expand' | 'backfill' | 'contract', name: string, sha = 'a') => ({
  phase,
  name,
  sha256: sha.repeat(64),
})
const knex = (more: Partial<Knex> = {}): Knex => ({
  ...{ kind: 'knex', directory: 'migrations/ledger', database: 'LEDGER_URL' },
  files: [file('expand', '001_a.js'), file('backfill', '002_b.yaml'), file('contract', '003_c.js')],
  ...more,
})
const job = (more: object = {}) =>
  ({
    kind: 'job',
    command: ['migrate'],
    deadlineMs: 1,
    image: 'x',
    like: { workload: '', container: '' },
    ...more,
  }) as PlannedMigration
const plan = (migrations: PlannedMigration[], more: Partial<Plan> = {}): Plan => ({ ...planOf(), migrations, ...more })
const quoting = { namespace: 'hub', name: 'quoting', repository: 'registry/hub/quoting' }

test('the steps of a phase keep their places among the migrations', () => {
  const of = plan([job(), knex({ files: [file('expand', 'a.js')] }), knex()])
  expect(dataSteps(of, 'backfill')).toEqual([{ index: 2, title: 'backfill migrations/ledger' }])
  expect(dataSteps(of, 'contract').map(({ index }) => index)).toEqual([2])
  expect(backfillsBefore(of)).toEqual([])
  expect(backfillsBefore(plan([knex({ backfill: 'before' })]))).toHaveLength(1)
})

describe('who must say yes to a contract', () => {
  const asks = (approval: object, more: Partial<Knex> = {}) =>
    knex({ contract: { approval: { required: 1, groups: [], expiresMs: 10, ...approval }, users: [] }, ...more })

  test('nobody where nobody is asked for, or where there is no contract', () => {
    expect(contractRules(plan([knex()]))).toBeUndefined()
    expect(contractRules(plan([asks({ required: 0 })]))).toBeUndefined()
    expect(contractRules(plan([asks({}, { files: [file('backfill', 'b.js')] })]))).toBeUndefined()
  })

  test('the strictest of several', () => {
    const rules = contractRules(
      plan([asks({ groups: ['dba', 'ops'], expiresMs: 20 }), asks({ required: 2, groups: ['dba'] })]),
    )
    expect(rules).toMatchObject({ approval: { required: 2, groups: ['dba'], expiresMs: 10, makerChecker: false } })
  })

  test('groups that no person can satisfy are a problem', () => {
    expect(contractRules(plan([asks({ groups: ['dba'] }), asks({ groups: ['ops'] })]))).toMatchObject({
      problem: expect.stringContaining('dba and ops') as string,
    })
  })
})

test('users are the service itself and those that the policy names', () => {
  const contract = { users: [{ service: 'hub/quoting', version: '>=1.2.0' }] }
  expect(schemaUsers(plan([knex({ contract })]))).toMatchObject([
    { service: 'hub/ledger', past: { from: 'v1.0.1' } },
    { service: 'hub/quoting', past: { range: '>=1.2.0' } },
  ])
})

test('backups are asked for once, and only where something is contracted', () => {
  const backup = { maxAgeMs: 1, check: { file: '/backup' } }
  expect(contractBackups(plan([knex({ backup }), knex({ backup }), knex({ backup, files: [] })]))).toEqual([backup])
})

describe('the same data again', () => {
  test('is what every bugfix brings', () => {
    expect(hasSameData(plan([knex()]), plan([knex()], { to: { tag: 'v1.0.2', digest: 'sha256:x' } }))).toBe(true)
    expect(hasSameData(plan([knex()]), plan([knex({ files: [...knex().files, file('expand', '004.js')] })]))).toBe(true)
  })
  test('is another one with a new or an edited file', () => {
    expect(hasSameData(plan([knex()]), plan([knex({ files: [...knex().files, file('contract', '004.js')] })]))).toBe(
      false,
    )
    const edited = [file('expand', '001_a.js'), file('backfill', '002_b.yaml'), file('contract', '003_c.js', 'b')]
    expect(hasSameData(plan([knex()]), plan([knex({ files: edited })]))).toBe(false)
  })
})

describe('a later plan and a data workflow that runs', () => {
  const running = plan([knex()])
  const more = [...knex().files, file('expand', '004.js')]
  const cases: [string, Plan, boolean][] = [
    ['without migrations goes on', plan([]), false],
    ['with the same files goes on', plan([knex()]), false],
    ['with more files on the same database waits', plan([knex({ files: more })]), true],
    ['with more files on another database goes on', plan([knex({ files: more, database: 'OTHER_URL' })]), false],
    ['of another service on the same database waits', plan([knex({ files: more })], { service: quoting }), true],
    ['of another service with the same files on the same database waits', plan([knex()], { service: quoting }), true],
    ['with a command on the same database waits', plan([job({ database: 'LEDGER_URL' })]), true],
    ['with a command that has nothing pending goes on', plan([job({ database: 'LEDGER_URL', pending: [] })]), false],
    ['with a command of the same service on nobody knows which database waits', plan([job()]), true],
    ['with such a command of another service goes on', plan([job()], { service: quoting }), false],
  ]
  test.each(cases)('%s', (_name, later, waits) => {
    expect(waitsForData(running, later)).toEqual(
      waits ? 'data workflow of hub/ledger v1.0.1, which works on LEDGER_URL' : undefined,
    )
  })
  test('one that has only expanded holds nobody up', () => {
    expect(
      waitsForData(plan([knex({ files: [file('expand', 'a.js')] })]), plan([knex({ files: more })])),
    ).toBeUndefined()
  })
})
