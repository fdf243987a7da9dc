/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { RefitError } from '../../src/domain/errors'
import type { PlannedWorkload } from '../../src/domain/plan'
import type { RolloutObservation } from '../../src/domain/rollout'
import { compareWorkload, resolve } from '../../src/operations/resolve'
import { config, fakeKubernetes, fakeStore, observation, plan, planHash, upgradeRow } from './support'

const [from, to] = ['r:v1', 'r:v2@sha256:2']
const app = { name: 'app', init: false, from, to }
const migrator = { name: 'run-migration', init: true, from, to }
const workload = (containers: PlannedWorkload['containers']): PlannedWorkload => ({
  kind: 'Deployment',
  name: 'ledger',
  uid: 'u1',
  containers,
})
const seen = (appImage: string, initImage: string, changed: Partial<RolloutObservation> = {}) =>
  observation(appImage, {
    containers: [
      { name: 'app', init: false, image: appImage },
      { name: 'run-migration', init: true, image: initImage },
    ],
    ...changed,
  })

describe('what a workload runs', () => {
  const both = workload([app, migrator])
  test.each<[string, 'restore' | 'keep-new', PlannedWorkload, RolloutObservation, string]>([
    ['all old', 'restore', both, seen(from, from), 'old'],
    ['all new', 'restore', both, seen(to, to), 'new'],
    ['old with its migrator kept new', 'keep-new', both, seen(from, to), 'old'],
    ['the same where the plan restores it', 'restore', both, seen(from, to), 'other'],
    ['new with an old migrator', 'keep-new', both, seen(to, from), 'other'],
    ['only a migrator that is kept new', 'keep-new', workload([migrator]), seen(from, to), 'either'],
    ['something else', 'restore', both, seen('r:v9', 'r:v9'), 'other'],
    ['new but still rolling', 'restore', both, seen(to, to, { updated: 1 }), 'other'],
    ['new with old pods left', 'restore', both, seen(to, to, { total: 4 }), 'other'],
    ['new but not taken up yet', 'restore', both, seen(to, to, { observedGeneration: 1 }), 'other'],
    ['new but not available', 'restore', both, seen(to, to, { available: 2 }), 'other'],
    ['new but paused', 'restore', both, seen(to, to, { paused: true }), 'other'],
    ['scaled to nothing', 'restore', both, seen(to, to, { desired: 0, updated: 0, total: 0, available: 0 }), 'new'],
  ])('%s', (_name, initContainers, planned, observed, runs) => {
    expect(compareWorkload({ ...plan, rollback: { initContainers } }, planned, observed).runs).toBe(runs)
  })
})

describe('resolve', () => {
  const key = { namespace: 'hub', service: 'ledger' }
  const held = () =>
    fakeStore({ upgrades: [upgradeRow({ outcome: 'held', phase: 'rollout' })], plans: { [planHash]: plan } })
  const request = { key, by: 'ana', reason: 'by hand', force: false }
  const newImage = plan.workloads[0]?.containers[0]?.to ?? ''

  test.each([
    ['old', '127.0.0.1:5000/hub/ledger:v1.0.0'],
    ['new', newImage],
  ])('records that the cluster runs the %s images', async (matches, image) => {
    const { store, resolved, told } = held()
    const kubernetes = fakeKubernetes({ observeRollout: async () => observation(image) })
    expect(await resolve({ store, kubernetes, config }, request)).toMatchObject({
      matches,
      forced: false,
      upgradeId: `${planHash}-1`,
    })
    expect(resolved).toEqual([[`${planHash}-1`, 'ana', `by hand (the cluster runs the ${matches} images)`]])
    expect(told.map(({ alert }) => alert.key)).toEqual([`upgrade/${planHash}-1/resolved`])
  })

  test('refuses when it runs neither, and says what it runs', async () => {
    const { store, resolved } = held()
    const kubernetes = fakeKubernetes({ observeRollout: async () => observation('other:v1') })
    await expect(resolve({ store, kubernetes, config }, request)).rejects.toMatchObject({
      code: 'KUBERNETES_CONFLICT',
      message: expect.stringContaining('ledger has app at other:v1'),
    })
    expect(resolved).toEqual([])
  })

  test('records it when forced, and that it was', async () => {
    const { store, resolved } = held()
    const kubernetes = fakeKubernetes({
      observeRollout: () => Promise.reject(new RefitError('KUBERNETES_NOT_FOUND', 'gone', 'Try again.')),
    })
    expect(await resolve({ store, kubernetes, config }, { ...request, force: true })).toMatchObject({
      matches: 'neither',
      forced: true,
    })
    expect(resolved[0]?.[2]).toContain('forced')
  })

  test('a cluster that can not be read resolves nothing, forced or not', async () => {
    const { store, resolved } = held()
    const kubernetes = fakeKubernetes({
      observeRollout: () => Promise.reject(new RefitError('KUBERNETES_UNAVAILABLE', 'away', 'Try again.')),
    })
    await expect(resolve({ store, kubernetes, config }, { ...request, force: true })).rejects.toMatchObject({
      code: 'KUBERNETES_UNAVAILABLE',
    })
    expect(resolved).toEqual([])
  })

  test('where nothing is held there is nothing to resolve', async () => {
    const { store } = fakeStore({ upgrades: [upgradeRow()] })
    await expect(resolve({ store, kubernetes: fakeKubernetes(), config }, request)).rejects.toMatchObject({
      code: 'UPGRADE_UNKNOWN',
    })
  })

  test.each<['succeeded' | 'rolled-back', string, string[]]>([
    ['succeeded', newImage, []],
    ['rolled-back', '127.0.0.1:5000/hub/ledger:v1.0.0', [plan.to.digest]],
  ])('as %s it is recorded once the cluster runs that', async (as, image, quarantined) => {
    const { store, resolvedAs, added } = held()
    const kubernetes = fakeKubernetes({ observeRollout: async () => observation(image) })
    expect(await resolve({ store, kubernetes, config }, { ...request, as })).toMatchObject({ as, forced: false })
    expect(resolvedAs).toEqual([as])
    expect(added.map(({ digest }) => digest)).toEqual(quarantined)
  })

  test.each<['succeeded' | 'rolled-back', string]>([
    ['succeeded', '127.0.0.1:5000/hub/ledger:v1.0.0'],
    ['rolled-back', newImage],
  ])('as %s it is refused where the cluster runs the other', async (as, image) => {
    const { store, resolvedAs, added } = held()
    const kubernetes = fakeKubernetes({ observeRollout: async () => observation(image) })
    await expect(resolve({ store, kubernetes, config }, { ...request, as })).rejects.toMatchObject({
      code: 'KUBERNETES_CONFLICT',
      message: expect.stringContaining(`that is not ${as}`) as string,
    })
    expect([resolvedAs, added]).toEqual([[], []])
  })

  test('what is forced can not be said to be checked', async () => {
    const { store } = held()
    const asked = { ...request, as: 'succeeded' as const, force: true }
    await expect(resolve({ store, kubernetes: fakeKubernetes(), config }, asked)).rejects.toMatchObject({
      code: 'USAGE',
    })
  })

  test('a rollback by hand that a person finished leaves the version behind that it led away from', async () => {
    const back = { ...plan, rollbackOf: 'other-1' }
    const { store, added } = fakeStore({
      upgrades: [upgradeRow({ outcome: 'held', phase: 'rollout' })],
      plans: { [planHash]: { ...back, from: { ...plan.from, digest: 'sha256:left' } } },
    })
    const kubernetes = fakeKubernetes({ observeRollout: async () => observation(newImage) })
    await resolve({ store, kubernetes, config }, { ...request, as: 'succeeded' })
    expect(added.map(({ digest }) => digest)).toEqual(['sha256:left'])
  })
})
