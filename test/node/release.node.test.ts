import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LoadProcess } from '../../demo/load'
import type { ReleaseDetail } from '../../src/operations/release'
import { openRealHub, type RealHub } from '../support/real-hub'
import { until } from '../support/simulated-hub'

const namespace = 'hub'
const patienceMs = 400_000
let hub: RealHub
let load: LoadProcess

const config = `hub: { name: test-hub, environment: test }
scan: { every: 5s }
registries: [{ host: "\${REGISTRY}", insecure: true }]
policies:
  - name: ledger
    select: { namespaces: [${namespace}], images: ['*/hub/ledger'] }
    mode: approve
    strategy: minor
    approval: { required: 1, unverified: accept, expires: 1h }
    migrations: [{ kind: job, command: [node, /app/ledger.js, migrate] }]
    rollout: { bake: 8s, stall: 30s, deadline: 3m, maxUnavailable: 1 }
    health: [{ http: /health, port: 3001, expect: { status: OK, version: $.versionNumber } }]
  - name: others
    select: { namespaces: [${namespace}], images: ['*/hub/quoting', '*/hub/settlement'] }
    mode: approve
    strategy: minor
    approval: { required: 1, unverified: accept, expires: 1h }
    rollout: { bake: 8s, stall: 20s, deadline: 2m }
    health: [{ http: /health, port: 3001, expect: { status: OK, version: $.versionNumber } }]
order: [{ first: ${namespace}/ledger, then: [${namespace}/quoting, ${namespace}/settlement] }]
`

beforeAll(async () => {
  hub = await openRealHub()
  await hub.configure(config)
  const { ports } = await hub.deploy(namespace)
  await hub.refit.startWorker()
  load = LoadProcess.start({ ...ports, rate: 60, databaseUrl: hub.stack.postgres.url(namespace) })
  await until(() => Promise.resolve((load.last?.sent ?? 0) > 100), patienceMs)
}, 900_000)
afterAll(async () => {
  load?.kill()
  await hub?.close()
})

const tags = async (): Promise<Record<string, string>> => {
  const path = 'jsonpath={range .items[*]}{.metadata.name} {.spec.template.spec.containers[0].image}{"\\n"}{end}'
  const listed = await hub.kubectl('-n', namespace, 'get', 'deployments', '-o', path)
  const rows = listed
    .trim()
    .split('\n')
    .filter((line) => line.includes('/hub/'))
  return Object.fromEntries<string>(
    rows.map((line) => [line.split(' ')[0] ?? '', /:(v[^@]+)/.exec(line.split('/').at(-1) ?? '')?.[1] ?? '']),
  )
}

/** A person starts the release, says yes to what it shows, and waits for its end. */
async function play(name: string, services: Record<string, string>): Promise<ReleaseDetail> {
  await hub.publish(...Object.entries(services).map(([service, tag]) => `${service}:${tag}`))
  const file = join(hub.stack.stateDir, `release-${name}.yaml`)
  const lines = Object.entries(services).map(([service, tag]) => `  hub/${service}: ${tag}`)
  await writeFile(file, `release: ${name}\nservices:\n${lines.join('\n')}\n`)
  expect(await hub.refit.run('release', 'start', file)).toMatchObject({ code: 0 })
  const { releases } = hub.store
  const waiting = await until(async () => {
    const row = await releases.latest(name)
    return row?.phase === 'approval' || row?.outcome ? row : undefined
  }, patienceMs)
  expect(await hub.refit.run('release', 'approve', name, '--plan', waiting.hash ?? '')).toMatchObject({ code: 0 })
  const ended = await until(async () => {
    const row = await releases.latest(name)
    return row?.outcome ? row : undefined
  }, patienceMs)
  return { release: ended, services: await releases.services(ended.id), events: await releases.events(ended.id) }
}

test('the ledger, then quoting and settlement, under load: no request fails', async () => {
  const { release, services } = await play('1.0.1', { ledger: 'v1.0.1', quoting: 'v1.0.1', settlement: 'v1.0.1' })
  expect(release).toMatchObject({ outcome: 'succeeded' })
  expect(services.map(({ service, wave }) => [service, wave])).toEqual([
    ['ledger', 0],
    ['quoting', 1],
    ['settlement', 1],
  ])
  expect(await tags()).toEqual({
    ledger: 'v1.0.1',
    'ledger-consumer': 'v1.0.1',
    quoting: 'v1.0.1',
    settlement: 'v1.0.1',
  })
  const eventsOf = async (service: string) => {
    const row = services.find((each) => each.service === service)
    return hub.store.upgrades.events(row?.upgradeId ?? '')
  }
  const ready = (await eventsOf('ledger')).find(({ kind }) => kind === 'ready')
  for (const service of ['quoting', 'settlement'])
    for (const { at } of (await eventsOf(service)).filter(({ kind }) => kind === 'patched'))
      expect(at.getTime()).toBeGreaterThan(ready!.at.getTime())
  expect(load.last?.failed).toBe(0)
}, 600_000)

test('with a bad quoting everything that the release did is put back in reverse order: no request fails', async () => {
  const { release, services, events } = await play('1.1.0', {
    ledger: 'v1.1.0',
    quoting: 'v1.1.1',
    settlement: 'v1.1.0',
  })
  expect(release).toMatchObject({ outcome: 'rolled-back', message: expect.stringContaining('hub/quoting') })
  expect(services.map(({ outcome }) => outcome)).toEqual(['rolled-back', 'rolled-back', 'rolled-back'])
  expect(events.filter(({ kind }) => kind === 'undone').map(({ message }) => message.split(' ')[0])).toEqual([
    'hub/settlement',
    'hub/quoting',
    'hub/ledger',
  ])
  expect(await tags()).toEqual({
    ledger: 'v1.0.1',
    'ledger-consumer': 'v1.0.1',
    quoting: 'v1.0.1',
    settlement: 'v1.0.1',
  })
  expect((await hub.store.quarantine.list()).map(({ service, tag }) => [service, tag])).toEqual([['quoting', 'v1.1.1']])
  expect(load.last?.failed).toBe(0)
}, 600_000)

test('the books balance, and every payment that was answered is in them once', async () => {
  const final = await load.stop()
  expect(final).toMatchObject({ failed: 0, verification: { sound: true } })
  console.log(JSON.stringify({ requests: final.sent, failed: final.failed, seconds: final.seconds }))
})
