import { digest } from '../domain/fixtures'
import { configOf, scansOfRepository } from '../support/repository-scans'

const day = 86_400_000

describe('minimumAge counts for what a tag points to, not for its name', () => {
  const old = (world: ReturnType<typeof scansOfRepository>) => {
    for (const [tag, seen] of Object.entries(world.seen))
      world.seen[tag] = { ...seen, firstSeenAt: Date.now() - 31 * day }
  }
  const rewritten = async (rules: string) => {
    const world = scansOfRepository(', minimumAge: 30d')
    world.registry.tags = ['v1.0.0', 'v1.0.6', 'v1.0.7', 'v1.0.8']
    for (const tag of ['v1.0.6', 'v1.0.7', 'v1.0.8']) world.digests[tag] = digest(tag.slice(-1))
    world.config = configOf(rules)
    await world.scan()
    old(world)
    world.registry.tags = ['v1.0.0', 'v1.0.6']
    world.digests['v1.0.6'] = digest('f')
    world.config = configOf(', minimumAge: 30d')
    await world.scan()
    return world
  }

  test('an old name that is pushed again after the newer ones are gone waits', async () => {
    const world = await rewritten(', minimumAge: 30d')
    expect(world.decision()).toMatchObject({ kind: 'held', holds: ['age'] })
    expect(world.seen['v1.0.6']).toMatchObject({ digest: digest('f'), digestSince: expect.any(Number) as number })
  })

  test('also when its digest is looked up for the first time only then', async () => {
    const world = await rewritten('')
    expect(world.decision()).toMatchObject({ kind: 'held', holds: ['age'] })
  })
})
