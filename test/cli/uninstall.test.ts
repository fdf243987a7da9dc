import type { Store } from '../../src/store/contracts'
import { fakeStore, fakeTemporal, upgradeRow } from '../operations/support'
import { refit } from './support'

const env = { DATABASE_URL: 'postgres://refit:hunter2@postgres.example.org:5432/refit' }
const given = (upgrades = [] as ReturnType<typeof upgradeRow>[]) => {
  const { store } = fakeStore({ upgrades })
  return { env, store: { ...store, data: { listOpen: () => Promise.resolve([]) } } as unknown as Store }
}

describe('refit uninstall', () => {
  test('says what it removed, that workers have to be stopped, and what remains', async () => {
    const { code, out, err } = await refit('uninstall --by ana', given())
    expect(code).toBe(0)
    expect(err).toContain('hub green-hub (test)')
    expect(out).toMatch(/^removed the Schedules refit\/scan\n1 worker still ask/)
    expect(out).toContain('- the store postgres.example.org:5432/refit: plans')
    expect(out).not.toContain('hunter2')
  })

  test('--dry-run says what it would do', async () => {
    expect((await refit('uninstall --dry-run', given())).out).toMatch(/^would remove the Schedules refit\/scan\n/)
  })

  test('is refused with exit code 3 while something runs', async () => {
    const { code, err } = await refit('uninstall', given([upgradeRow()]))
    expect(code).toBe(3)
    expect(err).toContain('refit reject hub/ledger')
  })

  test('-o json is what a program needs', async () => {
    const { temporal } = fakeTemporal({ workers: 0 })
    expect((await refit('uninstall -o json', { ...given(), temporal })).json()).toMatchObject({
      ...{ dryRun: false, schedules: ['refit/scan'], workers: 0 },
      remains: expect.arrayContaining([expect.objectContaining({ kind: 'store' })]),
    })
  })
})

describe('refit store migrate', () => {
  const migrating = (pending: number) => {
    const { store } = fakeStore({ pending })
    let migrated = 0
    const migrate = () => Promise.resolve(void (migrated += 1))
    return { store: { ...store, migrate } as unknown as Store, times: () => migrated }
  }

  test.each([
    [0, 'the store postgres.example.org:5432/refit is at this version\n'],
    [3, 'the store postgres.example.org:5432/refit: 3 migrations applied\n'],
  ])('with %d to be applied', async (pending, said) => {
    const { store, times } = migrating(pending)
    expect(await refit('store migrate', { env, store })).toMatchObject({ code: 0, out: said })
    expect(times()).toBe(1)
  })

  test('needs neither refit.yaml nor Temporal', async () => {
    const { store } = migrating(1)
    const run = await refit('store migrate -o json', { env, store })
    expect(run.json()).toEqual({ store: 'postgres.example.org:5432/refit', applied: 1 })
    expect(run.opened).not.toContain('temporal')
  })
})
