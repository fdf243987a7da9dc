import { tagsHash } from '../../src/activities/tags-hash'
import type { TagSeen } from '../../src/domain/decide'
import { RefitError } from '../../src/domain/errors'
import type { DecisionRow } from '../../src/store/contracts'
import { digest, repository, service } from '../domain/fixtures'
import { configOf, nobody, observed, scansOfRepository } from '../support/repository-scans'
import { keySigner, payloadOf } from '../support/signer'

const day = 86_400_000
const away = new RefitError('REGISTRY_UNAVAILABLE', 'It is away.', 'Try again.')

test('while nothing changed a decision stands, for a list and a HEAD', async () => {
  const world = scansOfRepository()
  expect(await world.scan()).toMatchObject({ kinds: ['candidate'], read: { list: { tags: ['v1.0.0', 'v1.0.1'] } } })
  for (let round = 0; round < 2; round += 1)
    expect(await world.scan()).toEqual({
      ...{ read: { repository }, changed: [], kinds: [], confirmed: [{ namespace: 'hub', service: 'ledger' }] },
      asked: ['list', 'HEAD v1.0.1'],
    })
})

test('services of one repository in several namespaces cost no more than one', async () => {
  const world = scansOfRepository()
  const both = [observed(), observed('other')]
  expect(await world.scan(both)).toMatchObject({ kinds: ['candidate', 'candidate'], asked: ['list', 'HEAD v1.0.1'] })
  expect(await world.scan(both)).toMatchObject({ kinds: [], asked: ['list', 'HEAD v1.0.1'] })
})

describe('it is decided again when', () => {
  const scanned = async (rules = '') => {
    const world = scansOfRepository(rules)
    await world.scan()
    return world
  }

  test('the watched digest is another one', async () => {
    const world = await scanned()
    world.digests['v1.0.1'] = digest('c')
    expect(await world.scan()).toMatchObject({ kinds: ['candidate'], asked: ['list', 'HEAD v1.0.1'] })
    expect(world.decision()?.candidate?.digest).toBe(digest('c'))
    expect((await world.scan()).kinds).toEqual([])
  })

  test('the watched tag has no manifest any more', async () => {
    const world = await scanned()
    delete world.digests['v1.0.1']
    expect((await world.scan()).kinds).toEqual(['suspicious'])
    expect((await world.scan()).kinds).toEqual([])
    world.digests['v1.0.1'] = digest('b')
    expect((await world.scan()).kinds).toEqual(['candidate'])
  })

  test('the HEAD can not be read: then it is an error, and none once it can', async () => {
    const world = await scanned()
    world.failing = { head: away }
    expect((await world.scan()).kinds).toEqual(['registry-error'])
    expect((await world.scan()).kinds).toEqual(['registry-error'])
    world.failing = undefined
    expect((await world.scan()).kinds).toEqual(['candidate'])
  })

  test('the list changed', async () => {
    const world = await scanned()
    world.registry.tags.push('v1.0.2')
    world.digests['v1.0.2'] = digest('d')
    expect((await world.scan()).kinds).toEqual(['candidate'])
    expect(world.decision()?.candidate?.tag).toBe('v1.0.2')
  })

  test('its time has come', async () => {
    const world = await scanned(', minimumAge: 30d')
    expect(world.decision()).toMatchObject({ kind: 'held', holds: ['age'] })
    expect((await world.scan()).kinds).toEqual([])
    const row = world.decisions.get('hub/ledger') as DecisionRow
    expect(row.revisitAt).toBe((world.seen['v1.0.1']?.firstSeenAt ?? NaN) + 30 * day)

    world.seen['v1.0.1'] = { ...(world.seen['v1.0.1'] as TagSeen), firstSeenAt: Date.now() - 31 * day }
    expect((await world.scan()).kinds).toEqual([])
    world.decisions.set('hub/ledger', { ...row, revisitAt: Date.now() - 1 })
    expect((await world.scan()).kinds).toEqual(['candidate'])
  })

  test('the policy, a mark or a quarantine changed', async () => {
    const world = await scanned()
    world.config = configOf(', strategy: minor')
    expect((await world.scan()).kinds).toEqual(['candidate'])
    const key = { namespace: 'hub', service: 'ledger' }
    world.rulings = {
      ...nobody,
      marks: [{ ...key, version: 'v1.0.1', reason: 'CVE-1', by: 'ana', at: new Date(), digest: null }],
    }
    expect((await world.scan()).changed[0]?.decision.candidate?.security).toBe('CVE-1')
    const quarantined = {
      ...key,
      tag: 'v1.0.1',
      digest: digest('b'),
      reason: 'sick',
      upgradeId: 'x',
      since: new Date(),
    }
    world.rulings = { ...nobody, quarantine: [{ ...quarantined, liftedAt: null, liftedBy: null }] }
    expect((await world.scan()).kinds).toEqual(['held'])
  })

  test('what runs changed, but not for another number of replicas', async () => {
    const world = await scanned()
    const [workload] = service().workloads
    const scaled = service({ workloads: [{ ...workload!, replicas: 9, resourceVersion: '2' }] })
    expect((await world.scan([{ service: scaled, platforms: [] }])).kinds).toEqual([])
    const arm = [{ service: scaled, platforms: ['linux/arm64'] }]
    expect((await world.scan(arm)).kinds).toEqual(['candidate'])
  })
})

test('a held tag that is pushed again starts its clock anew, also when its digest was on record', async () => {
  const world = scansOfRepository(', minimumAge: 30d')
  await world.scan()
  world.seen['v1.0.1'] = { ...(world.seen['v1.0.1'] as TagSeen), firstSeenAt: Date.now() - 29 * day }
  // Decided anew from what is on record: no HEAD, yet the tag is watched from then on.
  world.config = configOf(', minimumAge: 30d, strategy: minor')
  expect((await world.scan()).asked).toEqual(['list'])

  world.digests['v1.0.1'] = digest('c')
  expect((await world.scan()).asked).toEqual(['list', 'HEAD v1.0.1'])
  const since = world.seen['v1.0.1']?.digestSince
  expect(since).toBeDefined()
  expect(world.decision()).toMatchObject({
    kind: 'held',
    holdUntil: since! + 30 * day,
    candidate: { digest: digest('c') },
  })
  expect((await world.scan()).kinds).toEqual([])
})

describe('a list that is doubted', () => {
  const doubted = async () => {
    const world = scansOfRepository()
    await world.scan()
    world.registry.tags = ['v1.0.1']
    return world
  }

  test('is never trusted because nothing changed since', async () => {
    const world = await doubted()
    const doubt = { repository, doubted: { hash: tagsHash(['v1.0.1']), count: 1, missing: ['v1.0.0'] } }
    expect(await world.scan()).toMatchObject({ kinds: ['suspicious'], read: doubt })
    for (let round = 0; round < 3; round += 1) {
      expect(await world.scan()).toMatchObject({ changed: [], read: doubt })
      expect(world.repository).toMatchObject({ hash: 'v1.0.0,v1.0.1', tagCount: 2 })
    }
  })

  test('that comes back as it was is no doubt any more', async () => {
    const world = await doubted()
    await world.scan()
    world.registry.tags = ['v1.0.0', 'v1.0.1']
    expect(await world.scan()).toMatchObject({ kinds: ['candidate'], read: { repository } })
    expect(world.repository?.doubted).toBeNull()
  })

  test('by one service is kept for none', async () => {
    const world = await doubted()
    const [workload] = service().workloads
    const containers = [{ name: 'ledger', init: false, image: `${repository}:v1.0.1` }]
    const newer = service({
      namespace: 'other',
      workloads: [{ ...workload!, containers }],
      runningDigests: [digest('b')],
    })
    const result = await world.scan([observed(), { service: newer, platforms: [] }])
    expect(result).toMatchObject({ kinds: ['suspicious', 'up-to-date'], read: { doubted: { missing: ['v1.0.0'] } } })
    expect(result.read).not.toHaveProperty('list')
  })

  test('is decided on once it is accepted, and measured by from then on', async () => {
    const world = await doubted()
    await world.scan()
    world.accept()
    expect(await world.scan()).toMatchObject({ kinds: ['candidate'], read: { list: { tags: ['v1.0.1'] } } })
    expect((await world.scan()).kinds).toEqual([])
    world.registry.tags = ['v1.0.1', 'v1.0.2']
    world.digests['v1.0.2'] = digest('d')
    expect(await world.scan()).toMatchObject({ kinds: ['candidate'], read: { list: { tags: ['v1.0.1', 'v1.0.2'] } } })
  })
})

test('what no policy selects asks no registry', async () => {
  const world = scansOfRepository()
  const result = await world.scan([observed('stranger')])
  expect(result).toMatchObject({ kinds: ['unwatched'], asked: [] })
  expect(result).not.toHaveProperty('read')
  expect(await world.scan([observed('stranger')])).toMatchObject({ changed: [], asked: [] })
})

test('a service whose tag says nothing leaves the list to its neighbours', async () => {
  const world = scansOfRepository()
  const [workload] = service().workloads
  const containers = [{ name: 'ledger', init: false, image: `${repository}:latest` }]
  const moving = { service: service({ namespace: 'other', workloads: [{ ...workload!, containers }] }), platforms: [] }
  for (let round = 0; round < 2; round += 1) expect((await world.scan([moving])).read).toEqual({ repository })
  const both = await world.scan([moving, observed()])
  expect(both).toMatchObject({ kinds: ['unparseable', 'candidate'], read: { list: { tags: ['v1.0.0', 'v1.0.1'] } } })
  world.registry.tags = ['v1.0.1']
  for (let round = 0; round < 2; round += 1)
    expect((await world.scan([moving, observed()])).read).toMatchObject({ doubted: { hash: tagsHash(['v1.0.1']) } })
})

describe('a list that can not be read', () => {
  test('is an error that leaves the last list as it is', async () => {
    const world = scansOfRepository()
    await world.scan()
    world.failing = { list: away }
    const failed = { repository, error: { code: 'REGISTRY_UNAVAILABLE', message: 'It is away. Try again.' } }
    expect(await world.scan()).toMatchObject({ kinds: ['registry-error'], read: failed, asked: ['list'] })
    expect((await world.scan()).read).toEqual(failed)
    expect(world.repository).toMatchObject({ hash: 'v1.0.0,v1.0.1', tagCount: 2 })
    world.failing = undefined
    expect(await world.scan()).toMatchObject({ kinds: ['candidate'], read: { repository } })
  })

  test('says anew what is wrong when that is something else', async () => {
    const world = scansOfRepository()
    world.failing = { list: away }
    await world.scan()
    world.failing = { list: new RefitError('REGISTRY_NOT_FOUND', 'It is gone.', 'Try again.') }
    expect((await world.scan()).kinds).toEqual(['unknown-image'])
  })

  test('for another reason than the registry fails the batch', async () => {
    const world = scansOfRepository()
    world.failing = { list: new RefitError('DATABASE_UNAVAILABLE', 'It is away.', 'Try again.') }
    await expect(world.scan()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  })
})

test('signatures are asked for once for all services, at every scan until there is a good one, and not after that', async () => {
  const publisher = keySigner()
  const world = scansOfRepository(`, signatures: [{ cosign: { key: ${JSON.stringify(publisher.pem)} } }]`)
  const services = [observed('hub'), observed('other')]
  const looks = async () => (await world.scan(services)).asked.filter((each) => each.startsWith('signatures'))
  expect([await looks(), await looks()]).toEqual([['signatures sha256:b'], ['signatures sha256:b']])
  expect(world.decision()).toMatchObject({ kind: 'held', holds: ['unsigned'] })
  world.signatures = [publisher.simple(payloadOf(digest('b')))]
  expect(await looks()).toHaveLength(1)
  expect(world.decision()).toMatchObject({
    kind: 'candidate',
    candidate: { signedBy: expect.stringContaining('the key') },
  })
  expect(await looks()).toEqual([])
})
