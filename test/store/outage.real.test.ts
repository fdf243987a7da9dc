import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { migrations } from '../../migrations'
import { createStore } from '../../src/store'
import type { Store } from '../../src/store/contracts'
import { type TestDatabases, testDatabases } from '../support/database'
import { planOf } from './plans'

let databases: TestDatabases
const opened: Store[] = []
beforeAll(async () => {
  databases = await testDatabases()
})
afterAll(async () => {
  await Promise.all(opened.map((store) => store.close()))
  await databases.remove()
})

function storeOn(url: string): Store {
  const store = createStore(url)
  opened.push(store)
  return store
}

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no error',
    (error: unknown) => error,
  )

describe('a database that is away', () => {
  it.each<[string, () => Promise<string>, RegExp]>([
    [
      'nobody listens',
      () => Promise.resolve('postgres://refit:S3CRET@127.0.0.1:1/refit'),
      /127\.0\.0\.1:1\/refit can't be reached \(ECONNREFUSED\)/,
    ],
    [
      'no such host',
      () => Promise.resolve('postgres://refit:S3CRET@nowhere.invalid/refit'),
      /can't be reached \((ENOTFOUND|EAI_AGAIN)\)/,
    ],
    [
      'a wrong password',
      async () => (await databases.create()).replace(/:[^:@]+@/, ':S3CRET@'),
      /refused the login or the database \(28P01\)/,
    ],
    [
      'no such database',
      async () => (await databases.create()).replace(/\/[^/]+$/, '/none'),
      /refused the login or the database \(3D000\)/,
    ],
  ])('is named without its password: %s', async (_, url, expected) => {
    const store = storeOn(await url())
    const calls = [store.migrate(), store.check(), store.upgrades.listOpen(), store.plans.save(planOf())]
    for (const error of await Promise.all(calls.map(failure))) {
      expect(error).toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        retryable: true,
        message: expect.stringMatching(expected),
      })
      expect(String(error)).not.toContain('S3CRET')
    }
  })

  it('is given up after ten seconds when it takes connections and says nothing', async () => {
    const mute = createServer()
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    const store = storeOn(`postgres://refit:S3CRET@127.0.0.1:${(mute.address() as AddressInfo).port}/refit`)
    expect(await failure(store.check())).toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
    mute.close()
  })
})

describe('the schema', () => {
  it('comes up once, however many workers start at once', async () => {
    const url = await databases.create()
    const stores = [storeOn(url), storeOn(url), storeOn(url), storeOn(url)]
    expect(await stores[0]?.check()).toEqual({ pending: migrations.length })
    await Promise.all(stores.map((store) => store.migrate()))
    expect(await stores[0]?.check()).toEqual({ pending: 0 })
    expect(await databases.query(url, 'select name from refit_schema')).toHaveLength(migrations.length)
  })

  it("comes up although a killed worker left knex's lock row", async () => {
    const { store, url } = await databases.store()
    await databases.query(url, 'update refit_schema_lock set is_locked = 1')
    await store.migrate()
    expect(await store.check()).toEqual({ pending: 0 })
  })

  it('of a newer build is refused', async () => {
    const { store, url } = await databases.store()
    await databases.query(
      url,
      `insert into refit_schema (name, batch, migration_time) values ('20991231000000_future', 9, now())`,
    )
    await expect(store.migrate()).rejects.toThrow('newer than this build')
  })

  it('goes forward only, and tells what its tables are', async () => {
    for (const { down } of migrations) await expect(down?.(undefined as never)).rejects.toThrow('forward only')
    const { url } = await databases.store()
    const silent = await databases.query(
      url,
      `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like 'refit_schema%' and obj_description(oid) is null`,
    )
    expect(silent).toEqual([])
  })
})

describe('a database that dies in the middle', () => {
  it('leaves each write done or not done, and the same store goes on when it is back', async () => {
    const { store } = await databases.store()
    const plan = planOf()
    const hash = await store.plans.save(plan)
    const { id } = await store.upgrades.open(plan, hash)
    const accepted = new Set<string>()
    const errors: unknown[] = []
    const writer = async (name: string) => {
      for (let i = 0; i < 400 && errors.length < 8; i += 1) {
        const key = `${name}/${i}`
        await store.upgrades.record({ upgradeId: id, key, phase: 'rollout', kind: 'patched', message: key }).then(
          () => accepted.add(key),
          (error: unknown) => errors.push(error),
        )
      }
    }
    const writers = ['a', 'b', 'c', 'd'].map(writer)
    await new Promise((resolve) => setTimeout(resolve, 150))
    await databases.kill()
    await Promise.all(writers)
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true })

    await databases.start()
    const kept = await store.upgrades.events(id)
    const keys = new Set(kept.map(({ message }) => message))
    expect([...accepted].filter((key) => !keys.has(key))).toEqual([])
    expect(kept).toHaveLength(keys.size)
    expect((await store.upgrades.read(id))?.message).toBe(kept.at(-1)?.message)
    await store.upgrades.record({ upgradeId: id, key: 'after', phase: 'bake', kind: 'entered', message: 'after' })
    expect((await store.upgrades.read(id))?.phase).toBe('bake')
  })
})
