/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { decideService, type LookUps } from '../../src/activities/decide-service'
import { RefitError } from '../../src/domain/errors'
import { digest, inputOf } from '../domain/fixtures'

const lookUps = (more: Partial<LookUps> = {}): LookUps => ({
  digestOf: async () => ({ digest: digest('b') }),
  imageOf: async () => null,
  rejectionOf: () => null,
  ...more,
})

test('it looks up until it is decided, and hands back what it learned', async () => {
  const { step, facts } = await decideService(lookUps(), inputOf())
  expect(step.decision).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.0.1', digest: digest('b') } })
  expect(facts).toEqual({
    seen: {},
    digests: { 'v1.0.1': digest('b') },
    images: { [digest('b')]: null },
    rejected: { [digest('b')]: null },
  })
})

test('what is known already is not looked up again', async () => {
  const digestOf = jest.fn()
  const known = { seen: {}, digests: { 'v1.0.1': digest('b') }, images: {}, rejected: {} }
  await decideService(lookUps({ digestOf }), inputOf(), known)
  expect(digestOf).not.toHaveBeenCalled()
})

test.each(['digestOf', 'imageOf'] as const)('a registry that fails at %s is a decision', async (method) => {
  const busy = new RefitError('REGISTRY_UNAVAILABLE', 'It is away.', 'Try again.')
  const { step } = await decideService(lookUps({ [method]: () => Promise.reject(busy) }), inputOf())
  expect(step.decision).toMatchObject({ kind: 'registry-error', reason: 'It is away. Try again.' })
})

test('any other failure is thrown', async () => {
  const away = new RefitError('DATABASE_UNAVAILABLE', 'It is away.', 'Try again.')
  await expect(decideService(lookUps({ imageOf: () => Promise.reject(away) }), inputOf())).rejects.toBe(away)
})

test('a tag whose digest changed is looked at with its new clock', async () => {
  const seen = { firstSeenAt: 1, baseline: false, digest: digest('a'), digestSince: 2 }
  const { facts } = await decideService(lookUps({ digestOf: async () => ({ digest: digest('b'), seen }) }), inputOf())
  expect(facts.seen).toEqual({ 'v1.0.1': seen })
})

test('rules that would ask for ever are stopped', async () => {
  const blind = { digestOf: async () => ({}) as { digest: null } }
  await expect(decideService(lookUps(blind), inputOf())).rejects.toMatchObject({ code: 'INTERNAL' })
})
