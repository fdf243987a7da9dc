/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { withSight } from '../../src/activities/sight'
import { rollout } from '../../src/activities/rollout'
import { observation } from '../domain/fixtures'
import { key, run, workload, world } from './support'

/** What was looked at, `watched` or `direct`, and what each kind of look shows. */
function looks(given: { watched: () => ReturnType<typeof observation>; direct: () => ReturnType<typeof observation> }) {
  const fake = world()
  const seen: string[] = []
  Object.assign(fake.deps.kubernetes, {
    followRollout: () => ({
      look: async () => (seen.push('watched'), given.watched()),
      lookDirectly: async () => (seen.push('direct'), given.direct()),
      changed: async () => undefined,
      end: () => void seen.push('end'),
    }),
  })
  return { ...fake, seen }
}
const rolling = () => observation({ updated: 1, available: 2 })
const done = () => observation()
const changed = () => observation({ containers: [{ name: 'ledger', init: false, image: 'somebody/elses:v9' }] })

/** Complete by its counts, while its pods are still on their way. */
const told = () => observation({ pods: [] })

test('watches that show every pod of a complete rollout are enough', async () => {
  let times = 0
  const { deps, seen } = looks({ watched: () => (++times < 3 ? rolling() : done()), direct: done })
  await expect(run(rollout(deps), { ...key, workload })).resolves.toMatchObject({ kind: 'healthy' })
  expect(seen).toEqual(['watched', 'watched', 'watched', 'end'])
})

test('a complete rollout whose pods they do not show yet is waited for once', async () => {
  let times = 0
  const { deps, seen } = looks({ watched: () => (++times < 2 ? told() : done()), direct: done })
  await expect(run(rollout(deps), { ...key, workload })).resolves.toMatchObject({ kind: 'healthy' })
  expect(seen).toEqual(['watched', 'watched', 'end'])
})

test('one whose pods they still do not show then is looked at directly', async () => {
  const { deps, seen } = looks({ watched: told, direct: done })
  await expect(run(rollout(deps), { ...key, workload })).resolves.toMatchObject({ kind: 'healthy' })
  expect(seen).toEqual(['watched', 'watched', 'direct', 'end'])
})

test('an end that a direct look does not show is none', async () => {
  let times = 0
  const { deps, seen } = looks({ watched: changed, direct: () => (++times < 2 ? rolling() : changed()) })
  await expect(run(rollout(deps), { ...key, workload })).resolves.toMatchObject({ kind: 'conflict' })
  expect(seen).toEqual(['watched', 'direct', 'watched', 'direct', 'end'])
})

test('what is followed is let go also when the work fails', async () => {
  const { deps, seen } = looks({ watched: done, direct: done })
  const fails = () =>
    withSight(deps.kubernetes, 'hub', async (sight) => {
      await sight.observe(workload)
      throw new Error('no')
    })
  await expect(run(fails)).rejects.toThrow('no')
  expect(seen).toEqual(['watched', 'end'])
})
