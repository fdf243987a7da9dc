import { Client } from 'pg'
import type { JobState, Kubernetes, RehearsalSpec } from '../../../src/clients/contracts'
import { rehearseJob } from '../../../src/clients/migrations/rehearse-job'
import { testDatabases, type TestDatabases } from '../../support/database'

let databases: TestDatabases
let copy: string
beforeAll(async () => void (databases = await testDatabases()))
beforeEach(async () => {
  copy = await databases.create()
  await databases.query(
    copy,
    `create type state as enum ('a'); create schema ledger;
     create table transfer (id bigserial primary key, amount int, state state);
     create view seen as select id from transfer; create table ledger.entry (id int);
     create function f() returns int language sql as 'select 1'`,
  )
})
afterAll(() => databases.remove())

/** A cluster in which the Job's code is this SQL, with what the Job got. */
function clusterRunning(sql: string, started: RehearsalSpec[] = []): Kubernetes & { open: Set<string> } {
  const open = new Set<string>()
  let result: JobState = { kind: 'absent' }
  let log = ''
  const fake: Partial<Kubernetes> & { open: Set<string> } = {
    open,
    async startRehearsal(spec) {
      started.push(spec)
      open.add(spec.name)
      const url = new URL(spec.url)
      url.hostname = '127.0.0.1'
      const client = new Client({ connectionString: url.toString() })
      await client.connect()
      try {
        await client.query(sql)
        result = { kind: 'succeeded' }
      } catch (error) {
        result = { kind: 'failed', reason: 'exit code 1' }
        log = `could not migrate ${spec.url}: ${(error as Error).message}`
      } finally {
        await client.end()
      }
    },
    jobState: () => Promise.resolve(result),
    jobLogs: () => Promise.resolve(log),
    endRehearsal: (_namespace, name) => Promise.resolve(void open.delete(name)),
  }
  return fake as Kubernetes & { open: Set<string> }
}

const asked = (url: string) => ({
  copyUrl: url,
  place: 'COPY_URL',
  job: {
    ...{
      namespace: 'hub',
      image: 'hub/ledger@sha256:1',
      command: ['migrate'],
      deadlineMs: 60_000,
      env: 'DATABASE_URL',
    },
    ...{ like: { workload: 'ledger', container: 'run-migration' }, labels: {} },
  },
  sizes: new Map<string, number>(),
  say: () => undefined,
  pause: () => Promise.resolve(),
})

/** The client of the rehearsal goes to the same server by loopback. */
const rehearsed = async (sql: string, kubernetes = clusterRunning(sql)) => {
  const lookup = jest.requireMock<{ lookup: jest.Mock }>('node:dns/promises').lookup
  lookup.mockResolvedValue([{ address: '10.1.2.3' }])
  return rehearseJob(kubernetes, asked(copy.replace('127.0.0.1', 'localhost')))
}

jest.mock('node:dns/promises', () => ({
  ...jest.requireActual<object>('node:dns/promises'),
  lookup: jest.fn(),
}))

const rulesOf = ({ findings }: { findings: { rule: string; answer: string }[] }) =>
  findings.map(({ rule, answer }) => `${rule}: ${answer}`)

test.each<[string, string, string[]]>([
  ['an added column', 'alter table transfer add column if not exists note text', ['locks-unseen: go']],
  ['a new table', 'create table if not exists fee (id int)', []],
  [
    'a changed type writes every row anew',
    'alter table transfer alter column amount type bigint',
    ['tightens: needs-override', 'table-rewrite: needs-window', 'locks-unseen: go'],
  ],
  ['a dropped column', 'alter table transfer drop column if exists amount', ['drop-column: refused']],
  ['a second run that fails', 'create table fee (id int)', ['not-repeatable: refused']],
])('%s', async (_what, sql, rules) => {
  const result = await rehearsed(sql)
  expect(rulesOf(result)).toEqual(expect.arrayContaining(rules))
})

test('the code gets a login that owns the copy and can do nothing else, and both are gone afterwards', async () => {
  const started: RehearsalSpec[] = []
  const sql = `alter table ledger.entry add column if not exists note text; alter type state add value if not exists 'b';
    create or replace function f() returns int language sql as 'select 1'; create or replace view seen as select id from transfer`
  const kubernetes = clusterRunning(sql, started)
  await rehearsed(sql, kubernetes)
  expect(kubernetes.open.size).toBe(0)
  const [first, second] = started
  expect(first).toMatchObject({ addresses: ['10.1.2.3'], hosts: { localhost: '10.1.2.3' }, env: 'DATABASE_URL' })
  expect(first?.name).not.toBe(second?.name)
  const user = new URL(first?.url ?? '').username
  expect(user).toMatch(/^refit_rehearsal_/)
  const left = `select rolname as name from pg_roles where rolname like 'refit_rehearsal%'
    union all select datname from pg_database where datname like 'refit_rehearsal%'`
  expect(await databases.query(copy, left)).toEqual([])
})

test.each([
  ['becomes nobody', 'create role other'],
  ['runs no program', "copy (select 1) to program 'true'"],
  ['reads no file', "select pg_read_file('/etc/hostname')"],
])('code on the copy %s', async (_what, sql) => {
  const result = await rehearsed(sql)
  expect(rulesOf(result)).toEqual(['run-fails: refused'])
  expect(result.findings[0]?.why).toMatch(/^exit code 1; its log ends: .*permission denied/)
})

test('what the code logs of its address reaches nobody', async () => {
  const started: RehearsalSpec[] = []
  const result = await rehearsed('select nonsense', clusterRunning('select nonsense', started))
  const { password, username } = new URL(started[0]?.url ?? '')
  expect(JSON.stringify(result)).toContain('could not migrate …')
  expect(JSON.stringify(result)).not.toMatch(new RegExp(`${password}|${username}`))
})

test('copy and login are removed when the cluster refuses the Job', async () => {
  const kubernetes = clusterRunning('select 1')
  const refused = { ...kubernetes, startRehearsal: () => Promise.reject(new Error('refused')) } as never
  await expect(rehearsed('', refused)).rejects.toThrow('refused')
  expect(await databases.query(copy, "select 1 from pg_roles where rolname like 'refit_rehearsal%'")).toEqual([])
})

test('a loopback address is refused before anything is made', async () => {
  await expect(rehearseJob(clusterRunning('select 1'), asked(copy))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining("a pod can't reach it there") as string,
  })
})
