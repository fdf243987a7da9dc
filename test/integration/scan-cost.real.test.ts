import { openScanHub, scanConfig, type ScanHub } from '../support/scan-hub'
import { until } from '../support/simulated-hub'

const namespaces = ['north', 'south', 'east', 'many']
let hub: ScanHub
beforeAll(async () => {
  const select = `{ namespaces: [${namespaces.join(', ')}], images: ['*/hub/*'] }`
  hub = await openScanHub(scanConfig(`  - { name: watched, select: ${select}, strategy: minor }`), { hosts: 4 })
  await hub.startWorker()
})
afterAll(() => hub?.close())

const list = (name: string) => `GET /v2/hub/${name}/tags/list`
const head = (name: string, tag: string) => `HEAD /v2/hub/${name}/manifests/${tag}`
const kinds = async (namespace: string) =>
  (await hub.store.decisions.list())
    .filter((each) => each.namespace === namespace)
    .map(({ service, kind, candidate }) => [service, kind, candidate?.tag])

test('a repository in which nothing changed costs one list and one HEAD, however many namespaces run it', async () => {
  const [host] = hub.hosts as [ScanHub['hosts'][0]]
  for (const tag of ['v1.0.0', 'v1.1.0']) await hub.push('ledger', tag)
  await hub.push('quoting', 'v1.0.0')
  await hub.deployOn(host, [
    { namespace: 'north', name: 'ledger' },
    { namespace: 'south', name: 'ledger' },
    { namespace: 'north', name: 'quoting' },
  ])

  const [first] = await hub.asking(() => hub.scan())
  expect(first?.filter((each) => each.includes('/tags/list'))).toEqual([list('ledger'), list('quoting')])
  expect(await kinds('north')).toEqual([
    ['ledger', 'candidate', 'v1.1.0'],
    ['quoting', 'up-to-date', undefined],
  ])

  const least = [list('ledger'), list('quoting'), head('ledger', 'v1.1.0'), head('quoting', 'v1.0.0')]
  expect((await hub.asking(() => hub.scan()))[0]).toEqual(least)
  expect((await hub.asking(() => hub.scan()))[0]).toEqual(least)
  expect(await kinds('south')).toEqual([['ledger', 'candidate', 'v1.1.0']])

  await hub.push('quoting', 'v1.1.0')
  const [after] = await hub.asking(() => hub.scan())
  expect(after?.filter((each) => each.includes('/ledger/'))).toEqual([list('ledger'), head('ledger', 'v1.1.0')])
  expect(await kinds('north')).toContainEqual(['quoting', 'candidate', 'v1.1.0'])
})

test('a scan whose worker is killed in the middle goes on and decides on everything', async () => {
  const host = hub.hosts[3] as ScanHub['hosts'][0]
  const names = Array.from({ length: 24 }, (_, i) => `many-${String(i).padStart(2, '0')}`)
  for (const name of names) for (const tag of ['v1.0.0', 'v1.1.0']) await hub.push(name, tag)
  await hub.deployOn(
    host,
    names.map((name) => ({ namespace: 'many', name })),
  )
  const scans = async () =>
    (await hub.query<{ id: string }>('select id from scan order by ended_at')).map(({ id }) => id)
  const before = await scans()

  host.hold(30)
  const begun = await hub.temporalOf.triggerScan()
  await until(() => Promise.resolve(host.waiting() > 0))
  await hub.stopWorker('SIGKILL')
  expect(await kinds('many')).toEqual([])
  host.release()
  await hub.startWorker()
  const ended = await until(async () => {
    const last = await hub.store.scans.last()
    return last?.id === begun?.workflowId && last
  }, 100_000)

  expect(ended).toMatchObject({ complete: true })
  expect(await scans()).toEqual([...before, begun?.workflowId])
  expect(await kinds('many')).toEqual(names.map((name) => [name, 'candidate', 'v1.1.0']))
  const batches = await hub.query<{ left: string }>('select count(*) as left from scan_batch')
  expect(batches).toEqual([{ left: '0' }])
})

test('a registry that wants to be left alone is left alone by every worker, and the others are read as before', async () => {
  const busy = hub.hosts[1] as ScanHub['hosts'][0]
  const others = (asked: string[][]) => asked.filter((_, index) => index !== 1)
  for (const name of ['clearing', 'settlement']) for (const tag of ['v1.0.0', 'v1.1.0']) await hub.push(name, tag)
  await hub.push('transfers', 'v1.0.0')
  await hub.deployOn(busy, [{ namespace: 'east', name: 'clearing' }])
  await hub.deployOn(busy, [{ namespace: 'east', name: 'transfers' }])
  await hub.deployOn(hub.hosts[2] as ScanHub['hosts'][0], [{ namespace: 'east', name: 'settlement' }])
  await hub.scan()
  const decisionsElsewhere = async () =>
    (await hub.store.decisions.list())
      .filter(({ repository }) => !repository.startsWith(busy.host))
      .map(({ at: _, ...decision }) => decision)
  const usual = await hub.asking(() => hub.scan())
  const usualDecisions = await decisionsElsewhere()
  expect(usual[1]).toHaveLength(4)
  expect(usual[2]).toEqual([list('settlement'), head('settlement', 'v1.1.0')])

  busy.throttle('3600')
  const asked = await hub.asking(() => hub.scan())
  expect(others(asked)).toEqual(others(usual))
  expect(await decisionsElsewhere()).toEqual(usualDecisions)
  // Both were under way before the first was answered, at most.
  expect([list('clearing'), list('transfers')]).toEqual(expect.arrayContaining(asked[1] ?? ['nothing']))

  const [row] = await hub.query<{ until: Date }>('select blocked_until as until from registry_host where host = $1', [
    busy.host,
  ])
  const until = row?.until.toISOString().replace(/\.\d+Z$/, 'Z')
  for (const service of ['clearing', 'transfers']) {
    const { kind, reason, candidate } = await hub.decision('east', service)
    expect({ kind, candidate }).toEqual({ kind: 'registry-error', candidate: undefined })
    expect(reason).toContain(`asks not to be asked before ${until}`)
  }

  // Another process knows it from the store.
  await hub.stopWorker()
  await hub.startWorker()
  const again = await hub.asking(() => hub.scan())
  expect(again[1]).toEqual([])
  expect(others(again)).toEqual(others(usual))
  expect((await hub.decision('east', 'transfers')).kind).toBe('registry-error')
  const status = await hub.refit('status')
  expect(status.output).toContain('not every image could be read')
  expect(status.output).not.toContain('every watched service is up to date')
})
