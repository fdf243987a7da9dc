import { tagsHash } from '../../src/activities/tags-hash'
import { digest, repository, service } from '../domain/fixtures'
import { scansOfRepository } from '../support/repository-scans'

describe('an acceptance', () => {
  const doubted = async (tags: string[]) => {
    const world = scansOfRepository()
    await world.scan()
    world.registry.tags = tags
    await world.scan()
    return world
  }

  test('is for the same tags in any order', async () => {
    const world = await doubted(['v1.0.1', 'v1.0.2'])
    world.digests['v1.0.2'] = digest('d')
    world.accept()
    world.registry.tags = ['v1.0.2', 'v1.0.1']
    expect(await world.scan()).toMatchObject({ kinds: ['candidate'], read: { list: { tags: ['v1.0.2', 'v1.0.1'] } } })
  })

  test('of an empty list is spent once another one is trusted', async () => {
    const world = await doubted([])
    world.accept()
    expect((await world.scan()).kinds).toEqual(['up-to-date'])
    expect((await world.scan()).kinds).toEqual([])
    world.registry.tags = ['v1.0.0', 'v1.0.1']
    expect((await world.scan()).kinds).toEqual(['candidate'])
    world.registry.tags = []
    expect((await world.scan()).kinds).toEqual(['suspicious'])
  })

  test('can be given to the last trusted list, too, once a tag runs that it never had', async () => {
    const world = scansOfRepository()
    await world.scan()
    const [workload] = service().workloads
    const containers = [{ name: 'ledger', init: false, image: `${repository}:v1.0.5` }]
    const later = [{ service: service({ workloads: [{ ...workload!, containers }] }), platforms: [] }]
    const doubt = { doubted: { hash: tagsHash(['v1.0.0', 'v1.0.1']), count: 2, missing: ['v1.0.5'] } }
    for (let round = 0; round < 2; round += 1) expect((await world.scan(later)).read).toMatchObject(doubt)
    world.accept()
    expect((await world.scan(later)).kinds).toEqual(['up-to-date'])
  })
})
