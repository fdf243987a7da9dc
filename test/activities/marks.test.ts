import { RefitError } from '../../src/domain/errors'
import { digest } from '../domain/fixtures'
import { nobody, scansOfRepository } from '../support/repository-scans'

const mark = (version = 'v1.0.1') => ({
  ...{ namespace: 'hub', service: 'ledger', version, reason: 'CVE-1', by: 'ana', at: new Date() },
  digest: null as string | null,
})
const marked = async (version?: string) => {
  const world = scansOfRepository(', minimumAge: 30d')
  await world.scan()
  const given = mark(version)
  world.rulings = { ...nobody, marks: [given] }
  return { world, given }
}

test('a mark is bound to the digest that the first decision after it looks up, and then it stands', async () => {
  const { world, given } = await marked()
  expect(await world.scan()).toMatchObject({ kinds: ['candidate'], asked: ['list', 'HEAD v1.0.1'] })
  expect(given.digest).toBe(digest('b'))
  expect(await world.scan()).toMatchObject({ kinds: [], asked: ['list', 'HEAD v1.0.1'] })
})

test('what is pushed under its name later waits for its age, until it is marked anew', async () => {
  const { world } = await marked()
  await world.scan()
  world.digests['v1.0.1'] = digest('c')
  expect((await world.scan()).kinds).toEqual(['held'])
  expect(world.decision()?.reason).toContain('pushed again since it was marked as a security fix')
  world.rulings = { ...nobody, marks: [mark()] }
  expect((await world.scan()).kinds).toEqual(['candidate'])
  expect(world.decision()?.candidate).toMatchObject({ digest: digest('c'), security: 'CVE-1' })
})

test('one whose digest can not be read counts for nothing, and is bound once it can', async () => {
  const { world, given } = await marked()
  world.failing = { head: new RefitError('REGISTRY_UNAVAILABLE', 'It is away.', 'Try again.') }
  await world.scan()
  expect(world.decision()?.candidate?.security).toBeUndefined()
  expect(given.digest).toBeNull()
  world.failing = undefined
  expect((await world.scan()).kinds).toEqual(['candidate'])
  expect(given.digest).toBe(digest('b'))
})

test('one of a version that is not there yet is bound when it comes, and costs nothing before', async () => {
  const { world, given } = await marked('v1.0.2')
  await world.scan()
  expect((await world.scan()).kinds).toEqual([])
  expect(given.digest).toBeNull()
  world.registry.tags.push('v1.0.2')
  world.digests['v1.0.2'] = digest('d')
  expect((await world.scan()).kinds).toEqual(['candidate'])
  expect(given.digest).toBe(digest('d'))
})
