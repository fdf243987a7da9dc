import { openScanHub, scanConfig, type ScanHub } from '../support/scan-hub'

const days = 86_400_000
const policies = `
  - { name: pruned, select: { namespaces: [pruned], images: ['*/hub/*'] }, strategy: minor }
  - name: aged
    select: { namespaces: [fresh, repushed], images: ['*/hub/*'] }
    strategy: minor
    minimumAge: 30d
    firstScan: wait`
let hub: ScanHub
beforeAll(async () => {
  hub = await openScanHub(scanConfig(policies))
  await hub.startWorker()
})
afterAll(() => hub?.close())

/** v1.0.0 runs, v1.1.0 is there, and a scan has seen both. */
async function begins(name: string): Promise<{ repository: string }> {
  const [host] = hub.hosts as [ScanHub['hosts'][0]]
  for (const tag of ['v1.0.0', 'v1.1.0']) await hub.push(name, tag)
  await hub.deployOn(host, [{ namespace: name, name }])
  await hub.scan()
  return { repository: `${host.host}/hub/${name}` }
}
const json = async (...args: string[]): Promise<Record<string, unknown>> => {
  const { code, stdout } = await hub.refit(...args, '-o', 'json')
  return { code, ...(JSON.parse(stdout) as Record<string, unknown>) }
}

test('a list without the running tag changes nothing until a person accepts it, once', async () => {
  const { repository } = await begins('pruned')
  expect(await hub.decision('pruned', 'pruned')).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.1.0' } })

  await hub.deleteTag('pruned', 'v1.0.0')
  expect(await hub.scan()).toMatchObject({ complete: false })
  const why = 'the list lacks the running tag v1.0.0'
  expect(await hub.decision('pruned', 'pruned')).toMatchObject({ kind: 'suspicious', reason: why })
  expect(await hub.store.repositories.tags(repository)).toEqual(['v1.0.0', 'v1.1.0'])
  await hub.scan()
  expect((await hub.decision('pruned', 'pruned')).kind).toBe('suspicious')
  const status = await hub.refit('status')
  expect(status.output).toContain(why)
  expect(status.output).toContain('refit accept pruned/pruned --reason TEXT')
  expect(status.output).toContain('next: refit explain pruned/pruned')
  expect((await hub.refit('status', '--exit-code')).code).toBe(6)

  const accepted = await json('accept', 'pruned', '--reason', 'old tags go', '--by', 'ana')
  expect(accepted).toMatchObject({ code: 0, repository, acceptedBy: 'ana' })
  expect(await hub.scan()).toMatchObject({ complete: true })
  expect(await hub.decision('pruned', 'pruned')).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.1.0' } })
  expect(await hub.store.repositories.tags(repository)).toEqual(['v1.1.0'])

  await hub.push('pruned', 'v1.2.0')
  await hub.scan()
  expect(await hub.decision('pruned', 'pruned')).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.2.0' } })
  expect(await json('accept', 'pruned', '--reason', 'again')).toMatchObject({
    code: 3,
    error: { code: 'ACCEPT_REFUSED' },
  })
  expect(await hub.writes('pruned')).toEqual([])
})

test('a candidate that is too young is held, unless a person marks it as a security fix', async () => {
  const { repository } = await begins('fresh')
  const seen = (await hub.store.seen.read(repository))['v1.1.0']
  expect(seen).toMatchObject({ baseline: true })
  const holdUntil = (seen?.firstSeenAt ?? NaN) + 30 * days
  const held = { kind: 'held', holds: ['age'], holdUntil, candidate: { tag: 'v1.1.0' } }
  expect((await json('explain', 'fresh')).decision).toMatchObject(held)

  const mark = ['security', 'mark', 'fresh', 'v1.1.0', '--reason', 'CVE-2026-1234']
  expect(await json(...mark)).toMatchObject({ code: 0, alreadyMarked: false })
  await hub.scan()
  const offered = { kind: 'candidate', candidate: { tag: 'v1.1.0', security: 'CVE-2026-1234' } }
  expect(await hub.decision('fresh', 'fresh')).toMatchObject(offered)
  expect((await hub.refit('security', 'list')).output).toContain('CVE-2026-1234')

  expect((await hub.refit('security', 'lift', 'fresh', 'v1.1.0')).code).toBe(0)
  await hub.scan()
  expect(await hub.decision('fresh', 'fresh')).toMatchObject(held)
})

test('a candidate that is pushed again starts its age anew, and once', async () => {
  const { repository } = await begins('repushed')
  const tag = async () => (await hub.store.seen.read(repository))['v1.1.0']
  const first = await tag()
  expect(first).not.toHaveProperty('digestSince')
  await hub.scan()
  expect(await tag()).toEqual(first)

  const digest = await hub.push('repushed', 'v1.1.0', 'another image')
  await hub.scan()
  const again = await tag()
  expect(again).toEqual({ ...first, digest, digestSince: expect.any(Number) as number })
  const decision = await hub.decision('repushed', 'repushed')
  expect(decision).toMatchObject({ kind: 'held', holds: ['age'], candidate: { tag: 'v1.1.0', digest } })
  expect(decision.holdUntil).toBe((again?.digestSince ?? NaN) + 30 * days)

  const [asked] = await hub.asking(() => hub.scan())
  expect(asked).toContain('HEAD /v2/hub/repushed/manifests/v1.1.0')
  expect(await tag()).toEqual(again)
})
