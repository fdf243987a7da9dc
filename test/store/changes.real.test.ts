import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Change } from '../../src/domain/change-topic'
import { listenForChanges } from '../../src/store/changes'
import type { Store } from '../../src/store/contracts'
import { type TestDatabases, testDatabases } from '../support/database'
import { planOf } from './plans'

let databases: TestDatabases
let store: Store
let url: string
let upgradeId: string
const closing: (() => Promise<void>)[] = []
beforeAll(async () => {
  databases = await testDatabases()
  ;({ store, url } = await databases.store())
  const plan = planOf()
  upgradeId = (await store.upgrades.open(plan, await store.plans.save(plan))).id
})
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})
afterAll(() => databases.remove())

/** Hears everything from now on. */
async function listening(options?: Parameters<typeof listenForChanges>[2]) {
  const heard: Change[] = []
  let missed = 0
  const { close } = listenForChanges(
    url,
    { changed: (change) => void heard.push(change), missed: () => (missed += 1) },
    { retryEveryMs: 50, ...options },
  )
  closing.push(close)
  await until(async () => {
    await databases.query(url, `select pg_notify('refit_changes', '{"topic":"scan"}')`)
    return heard.length > 0
  })
  // What was said while it was not known whether anybody listens comes before this.
  await databases.query(url, `select pg_notify('refit_changes', '{"topic":"scan","upgradeId":"mark"}')`)
  await until(() => heard.at(-1)?.upgradeId === 'mark')
  heard.length = 0
  return { heard, missed: () => missed }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50))
}

const ledger = { namespace: 'hub', service: 'ledger' }
const vote = {
  ...{ id: 'vote-1', ...ledger, planHash: 'abcdef123456', verb: 'approve' as const, by: 'ana', groups: [] },
  ...{ via: 'token' as const, reason: '', changeReference: '', now: false, overrideFreeze: false, until: null },
}

test.each<[string, () => Promise<unknown>, () => Change]>([
  [
    'an event of an upgrade',
    () => store.upgrades.record({ upgradeId, key: 'x', phase: 'window', kind: 'entered', message: '' }),
    () => ({ topics: ['upgrade'], upgradeId, ...ledger }),
  ],
  ['a vote', () => store.votes.cast({ ...vote, upgradeId }), () => ({ topics: ['vote'], upgradeId, ...ledger })],
  [
    'a sample',
    () => {
      const counts = { desired: 1, ready: 1, updated: 1, available: 1, restarts: 0 }
      return store.healthSamples.add(upgradeId, [
        { at: new Date(), workload: 'Deployment/ledger', ...counts, healthy: null },
      ])
    },
    () => ({ topics: ['sample'], upgradeId, ...ledger }),
  ],
  [
    'a freeze of a namespace',
    () => store.freezes.add({ namespace: 'hub', reason: 'r', by: 'ana' }),
    () => ({ topics: ['freeze'], namespace: 'hub' }),
  ],
  [
    'a freeze of the hub',
    () => store.freezes.add({ namespace: null, reason: 'r', by: 'ana' }),
    () => ({ topics: ['freeze'] }),
  ],
  [
    'a digest in quarantine',
    () => store.quarantine.add({ ...ledger, digest: 'sha256:1', tag: 'v1', reason: 'r', upgradeId }),
    () => ({ topics: ['quarantine'], upgradeId, ...ledger }),
  ],
  [
    'a Schedule that is paused',
    () => store.schedules.note({ schedule: 'refit/scan', paused: true, note: '', by: 'ana' }),
    () => ({ topics: ['schedule'] }),
  ],
  [
    'a scan',
    () => {
      const at = new Date()
      return store.scans.save({ id: 's', startedAt: at, endedAt: at, complete: true, summary: '' })
    },
    () => ({ topics: ['scan'] }),
  ],
])('%s is heard once, by name', async (_what, act, expected) => {
  const { heard } = await listening()
  await act()
  await until(() => heard.length > 0)
  expect(heard).toEqual([expected()])
})

test('what is no change is not heard', async () => {
  const { heard } = await listening()
  for (const payload of ['', 'no json', '7', 'null', '{"topic":"password"}', '[]'])
    await databases.query(url, `select pg_notify('refit_changes', $1)`, [payload])
  await databases.query(url, `select pg_notify('refit_changes', '{"topic":"release","upgradeId":7}')`)
  await until(() => heard.length > 0)
  expect(heard).toEqual([{ topics: ['release'] }])
})

test('a connection that somebody ends is made again, and says that something may have been missed', async () => {
  const { heard, missed } = await listening()
  await databases.query(
    url,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'refit changes' and datname = current_database()`,
  )
  await until(() => missed() > 0)
  await store.freezes.lift({ namespace: 'hub', by: 'ana', reason: 'r' })
  await until(() => heard.some(({ topics }) => topics.includes('freeze')))
})

test('a server that was away is found again', async () => {
  const { heard, missed } = await listening()
  await databases.kill()
  await databases.start()
  await until(() => missed() > 0)
  await until(async () => {
    await databases.query(url, `select pg_notify('refit_changes', '{"topic":"scan"}')`)
    return heard.length > 0
  })
})

test('behind a pooler that passes no notifications it is said again and again that something may be missed', async () => {
  const deaf = await withoutNotifications(url)
  let missed = 0
  const { close } = listenForChanges(
    deaf.url,
    { changed: () => undefined, missed: () => (missed += 1) },
    { proveEveryMs: 50, retryEveryMs: 10 },
  )
  await until(() => missed >= 2)
  await close()
  deaf.close()
})

/** Passes everything that a PostgreSQL says but its NotificationResponses. */
async function withoutNotifications(to: string): Promise<{ url: string; close: () => void }> {
  const target = new URL(to)
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined))
    client.pipe(upstream)
    client.on('close', () => upstream.end())
    let rest = Buffer.alloc(0)
    upstream.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data])
      while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
        const message = rest.subarray(0, rest.readInt32BE(1) + 1)
        rest = rest.subarray(message.length)
        if (message[0] !== 'A'.charCodeAt(0)) client.write(message)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const through = new URL(to)
  through.port = String((server.address() as AddressInfo).port)
  return {
    url: through.toString(),
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
