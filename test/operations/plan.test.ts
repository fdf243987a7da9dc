/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { RefitError } from '../../src/domain/errors'
import { previewPlan } from '../../src/operations/plan'
import { setting } from '../domain/fixtures'
import { config, digest, fakeKubernetes, fakeRegistry, fakeStore, ledger, now, upgradeRow } from './support'

const deps = (changed: object = {}) => ({
  config,
  store: fakeStore().store,
  kubernetes: fakeKubernetes(),
  registry: fakeRegistry(),
  environment: {},
  ...changed,
})

describe('the dry run of a plan', () => {
  test('is the plan that a worker would make, each patch tried on the API server without keeping it', async () => {
    const tried: unknown[] = []
    const kubernetes = fakeKubernetes({
      patchImages: async (...args) => {
        tried.push(args[3])
        return { changed: true }
      },
    })
    const preview = await previewPlan(deps({ kubernetes }), { name: 'ledger', now })
    expect(preview).toMatchObject({
      kind: 'planned',
      namespace: 'hub',
      service: 'ledger',
      candidate: { tag: 'v1.0.1', digest: digest('1') },
      notOffered: null,
      planHash: expect.stringMatching(/^[0-9a-f]{12}$/),
      window: { kind: 'open' },
      problems: [],
      patches: [{ workload: 'ledger', dryRun: { ok: true, changed: true } }],
    })
    expect(tried).toEqual([{ dryRun: true }])
  })

  test('of a tag that the policy would not choose says why not', async () => {
    const preview = await previewPlan(deps(), { name: 'hub/ledger', tag: 'v2.0.0', now })
    expect(preview).toMatchObject({
      kind: 'planned',
      candidate: { tag: 'v2.0.0' },
      notOffered: 'beyond bugfix from v1.0.0',
    })
  })

  test('of a tag that does not exist is an error', async () => {
    await expect(previewPlan(deps(), { name: 'ledger', tag: 'v9.9.9', now })).rejects.toMatchObject({
      code: 'REGISTRY_NOT_FOUND',
    })
  })

  test('of an older tag is refused', async () => {
    const registry = fakeRegistry(['v0.9.0', 'v1.0.0'], { digestOf: async () => digest('9') })
    expect(await previewPlan(deps({ registry }), { name: 'ledger', tag: 'v0.9.0', now })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('not newer'),
    })
  })

  test('with nothing newer there is nothing to plan', async () => {
    expect(await previewPlan(deps({ registry: fakeRegistry(['v1.0.0']) }), { name: 'ledger', now })).toMatchObject({
      kind: 'nothing',
      decision: { kind: 'up-to-date' },
    })
  })

  test('with a registry that does not answer says so instead of up to date', async () => {
    const registry = fakeRegistry([], {
      listTags: () => Promise.reject(new RefitError('REGISTRY_UNAVAILABLE', 'It is away.', 'Try again.')),
    })
    expect(await previewPlan(deps({ registry }), { name: 'ledger', now })).toMatchObject({
      kind: 'nothing',
      decision: { kind: 'registry-error', reason: 'It is away. Try again.' },
    })
  })

  test('names what the API server would refuse', async () => {
    const kubernetes = fakeKubernetes({
      patchImages: () => Promise.reject(new RefitError('KUBERNETES_FORBIDDEN', 'May not patch.', 'Give the right.')),
    })
    const preview = await previewPlan(deps({ kubernetes }), { name: 'ledger', now })
    expect(preview).toMatchObject({
      patches: [
        { dryRun: { ok: false, code: 'KUBERNETES_FORBIDDEN', problem: 'May not patch.', next: 'Give the right.' } },
      ],
    })
  })

  test('names the problems of the preflight', async () => {
    const paused = { ...ledger, workloads: ledger.workloads.map((each) => ({ ...each, paused: true })) }
    const kubernetes = fakeKubernetes({ observeServices: async () => [paused] })
    expect(await previewPlan(deps({ kubernetes }), { name: 'ledger', now })).toMatchObject({
      problems: [{ reason: 'ledger is paused' }],
    })
  })

  test('names what stands in its way around the workloads, and what is worth knowing', async () => {
    const around = (left: number) =>
      fakeKubernetes({
        surroundings: async () => ({
          settings: [setting({ name: 'ledger', quotas: [{ name: 'compute', left: { pods: left } }] })],
          unread: ['limitranges'],
        }),
      })
    expect(await previewPlan(deps({ kubernetes: around(0) }), { name: 'ledger', now })).toMatchObject({
      problems: [{ reason: expect.stringContaining('quota compute leaves 0') as string, next: 'Raise the quota.' }],
    })
    expect(await previewPlan(deps({ kubernetes: around(1) }), { name: 'ledger', now })).toMatchObject({
      problems: [],
      warnings: expect.arrayContaining([expect.stringContaining('for lack of rights: limitranges')]) as string[],
    })
  })

  test('of a service that an upgrade holds says what holds it', async () => {
    const { store } = fakeStore({ upgrades: [upgradeRow({ outcome: 'held', message: 'stuck' })] })
    expect(await previewPlan(deps({ store }), { name: 'ledger', now })).toMatchObject({
      kind: 'planned',
      notOffered: expect.stringContaining('stuck'),
    })
  })
})
