import type { DataRow, Store, UpgradeRow } from '../../src/store/contracts'
import { remainsOf } from '../../src/operations/remains'
import { uninstall } from '../../src/operations/uninstall'
import { config, fakeStore, fakeTemporal, now, scheduleInfo, type TemporalScript, upgradeRow } from './support'

interface Running {
  upgrades?: UpgradeRow[]
  data?: Partial<DataRow>[]
  releases?: { name: string; phase: string }[]
}

function given({ upgrades = [], data = [], releases = [] }: Running, script: TemporalScript = {}) {
  const { store, noted } = fakeStore({ upgrades })
  const removed: string[] = []
  const { temporal } = fakeTemporal({
    schedules: () => Promise.resolve([scheduleInfo(), scheduleInfo({ id: 'refit/digest', state: 'missing' })]),
    removeSchedule: (id) => Promise.resolve(removed.push(id) > 0),
    ...script,
  })
  const running = {
    ...store,
    data: { listOpen: () => Promise.resolve(data) },
    releases: { listOpen: () => Promise.resolve(releases) },
  } as unknown as Store
  return { store: running, temporal, removed, noted }
}
const ana = { by: 'ana', verified: true, dryRun: false }

test('removes the Schedules that there are, and says in the record who did it', async () => {
  const { removed, noted, ...deps } = given({})
  expect(await uninstall(deps, ana, now)).toEqual({ dryRun: false, schedules: ['refit/scan'], workers: 1 })
  expect(removed).toEqual(['refit/scan'])
  expect(noted).toEqual([
    {
      ...{ schedule: 'refit/scan', paused: true, by: 'ana', verified: true },
      note: 'removed by ana at 2026-11-23T10:00:00Z: refit uninstall',
    },
  ])
})

test('a dry run changes nothing', async () => {
  const { removed, noted, ...deps } = given({})
  expect(await uninstall(deps, { ...ana, dryRun: true }, now)).toMatchObject({
    dryRun: true,
    schedules: ['refit/scan'],
  })
  expect([removed, noted]).toEqual([[], []])
})

test.each<[string, Running, TemporalScript, RegExp]>([
  [
    'an upgrade that waits',
    { upgrades: [upgradeRow()] },
    {},
    /hub\/ledger to v1\.0\.1 is in phase approval: refit reject/,
  ],
  ['one under way', { upgrades: [upgradeRow({ phase: 'rollout' })] }, {}, /in phase rollout: refit abort hub\/ledger/],
  [
    'a held one that nobody resolved',
    { upgrades: [upgradeRow({ outcome: 'held', phase: 'rollout' })] },
    {},
    /is held: refit resolve hub\/ledger/,
  ],
  [
    'a data workflow',
    { data: [{ namespace: 'hub', service: 'ledger', phase: 'backfill' }] },
    {},
    /data workflow of hub\/ledger is in phase backfill: refit data abort/,
  ],
  [
    'a release',
    { releases: [{ name: '18.0', phase: 'upgrade' }] },
    {},
    /release 18\.0 is in phase upgrade: refit release abort/,
  ],
  [
    'a workflow that the store does not know yet',
    {},
    { openWorkflows: () => Promise.resolve(['refit/upgrade/hub/new']) },
    /workflow refit\/upgrade\/hub\/new runs/,
  ],
])('refuses while there is %s, and removes nothing', async (_, running, script, said) => {
  const { removed, ...deps } = given(running, script)
  await expect(uninstall(deps, ana, now)).rejects.toMatchObject({
    code: 'UNINSTALL_REFUSED',
    message: expect.stringMatching(said),
  })
  expect(removed).toEqual([])
})

test('what is known by the store and by Temporal is said once', async () => {
  const openWorkflows = () => Promise.resolve(['refit/upgrade/hub/ledger'])
  const deps = given({ upgrades: [upgradeRow()] }, { openWorkflows })
  const { message } = (await uninstall(deps, ana, now).catch((error: unknown) => error)) as Error
  expect(message.match(/hub\/ledger to/g)).toHaveLength(1)
  expect(message).not.toContain('workflow refit/upgrade')
})

describe('a scan that still runs', () => {
  test('is waited for, and what it started refuses', async () => {
    const upgrades: UpgradeRow[] = []
    let asked = 0
    const deps = given(
      { upgrades },
      {
        openWorkflows: (types) => {
          if (!types.includes('scan')) return Promise.resolve([])
          asked += 1
          if (asked === 2) upgrades.push(upgradeRow())
          return Promise.resolve(asked < 3 ? ['refit/scan-1'] : [])
        },
      },
    )
    await expect(uninstall(deps, ana, now)).rejects.toMatchObject({ code: 'UNINSTALL_REFUSED' })
    expect(deps.removed).toEqual(['refit/scan'])
  })

  test('for too long is said', async () => {
    const openWorkflows = (types: readonly string[]) => Promise.resolve(types.includes('scan') ? ['refit/scan-1'] : [])
    const deps = given({}, { openWorkflows })
    await expect(uninstall(deps, { ...ana, scansEndWithinMs: 0 }, now)).rejects.toMatchObject({
      code: 'WAIT_EXPIRED',
      message: expect.stringContaining('refit/scan-1'),
    })
  })

  test('is left where no worker would end it', async () => {
    const openWorkflows = (types: readonly string[]) => Promise.resolve(types.includes('scan') ? ['refit/scan-1'] : [])
    const deps = given({}, { openWorkflows, workers: 0 })
    expect(await uninstall(deps, ana, now)).toMatchObject({ workers: 0, schedules: ['refit/scan'] })
  })
})

describe('what remains', () => {
  const surroundings = { config, environment: {}, store: 'postgres.example.org:5432/refit', temporalNamespace: 'green' }
  test('is said with what removes it', async () => {
    const remains = await remainsOf(surroundings)
    expect(remains.map(({ kind }) => kind)).toEqual([
      ...['store', 'temporal', 'temporal', 'cluster', 'cluster', 'cluster', 'cluster'],
    ])
    expect(remains[0]?.what).toContain('postgres.example.org:5432/refit')
    expect(remains.map(({ remove }) => remove)).toContainEqual(
      expect.stringMatching(/^temporal operator search-attribute remove --namespace 'green' --name Refit/),
    )
  })

  test('a service database that can not be looked into is named without its address', async () => {
    const [policy] = config.policies
    const migrations = [{ kind: 'knex', directory: 'm', database: 'LEDGER_DATABASE_URL' }]
    const policies = [{ ...policy, migrations }] as unknown as typeof config.policies
    const asked = (url?: string) =>
      remainsOf({ ...surroundings, config: { ...config, policies }, environment: { LEDGER_DATABASE_URL: url } })
    const unset = JSON.stringify(await asked())
    expect(unset).toContain('LEDGER_DATABASE_URL, which was not looked into (the variable is not set here)')
    const away = JSON.stringify(await asked('postgres://me:hunter2@127.0.0.1:9/ledger'))
    expect(away).toContain('it did not answer')
    expect(away).not.toContain('hunter2')
  })
})
