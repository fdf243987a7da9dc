import { preflight } from '../../src/activities/preflight'
import { record } from '../../src/activities/record'
import type { FoundSignature } from '../../src/clients/registry/signatures'
import { RefitError } from '../../src/domain/errors'
import { container, contract, digest, image, planOf, policy, service, setting, workload } from '../domain/fixtures'
import { keySigner, payloadOf } from '../support/signer'
import { key, run, world, type World } from './support'

const now = (more: Parameters<typeof workload>[0]) => ({ service: service({ workloads: [workload(more)] }) })

test('nothing changed: what runs is remembered, once', async () => {
  const fake = world()
  await expect(run(preflight(fake.deps), key)).resolves.toEqual({ kind: 'ok' })
  expect(fake.snapshots).toEqual([
    {
      workload: { kind: 'Deployment', name: 'ledger-api', uid: 'uid-api' },
      containers: [{ name: 'ledger', init: false, image: image('v1.0.0') }],
    },
  ])
})

test.each(['started', 'migrated', 'migration-failed', 'patched'])(
  'after a reset the first write (%s) may stand already: it goes on with what was remembered',
  async (kind) => {
    const fake = world(now({ containers: [container('v1.0.1')] }))
    const event = { ...key, at: new Date(), phase: 'rollout' as const, kind, by: null, verified: false, message: '' }
    fake.events.set('patched/ledger-api', event)
    await expect(run(preflight(fake.deps), key)).resolves.toEqual({ kind: 'ok' })
    expect(fake.calls).toEqual([])
  },
)

test('a snapshot without a write is no reason to look away: everything is checked again', async () => {
  const containers = [{ name: 'ledger', init: false, image: image('v1.0.0') }]
  const snapshots = [{ workload: { kind: 'Deployment', name: 'ledger-api', uid: 'uid-api' }, containers }]
  const fake = world({ snapshots, ...now({ paused: true }) })
  await expect(run(preflight(fake.deps), key)).resolves.toMatchObject({ kind: 'refused' })
})

const said = (kind: string, by: string) => ({
  ...{ ...key, at: new Date(), phase: 'approval' as const, kind, by, verified: true, message: '' },
})
test.each<[string, ReturnType<typeof said>[], 'ok' | 'refused']>([
  ['nothing', [], 'refused'],
  ['a yes', [said('approved', 'ana')], 'ok'],
  ['a yes that was taken back', [said('approved', 'ana'), said('withdrawn', 'ana')], 'refused'],
  ['two, one of them taken back', [said('voted', 'ana'), said('approved', 'ben'), said('withdrawn', 'ana')], 'ok'],
  [
    'a haste that was taken back',
    [said('approved', 'ana'), said('emergency', 'cleo'), said('withdrawn', 'cleo')],
    'ok',
  ],
])('approved as its workflow remembers, with %s on record', async (_, events, kind) => {
  const fake = world()
  for (const [at, event] of events.entries()) fake.events.set(`said/${at}`, event)
  const checked = await run(preflight(fake.deps), { ...key, approvalRequired: true })
  expect(checked).toMatchObject({
    kind,
    ...(kind === 'refused' ? { reason: expect.stringContaining('not on record') } : {}),
  })
})

test('an upgrade that has ended is not looked at again', async () => {
  const fake = world({ outcome: 'aborted' })
  await expect(run(preflight(fake.deps), key)).rejects.toMatchObject({ code: 'UPGRADE_UNKNOWN' })
})

const refusals: [string, Partial<World>, RegExp][] = [
  ['the service is gone', { service: undefined }, /not deployed any more/],
  ['the tag was pushed again', { digestNow: digest('c') }, /was pushed again/],
  ['the tag is gone', { digestNow: undefined }, /no longer has v1\.0\.1/],
  ['another image', now({ containers: [container('v1.0.0', { image: image('v0.9.0') })] }), /changed by somebody/],
  ['created again', now({ uid: 'uid-new' }), /deleted and created again/],
  ['paused', now({ paused: true }), /is paused/],
  ['a change in flight', now({ generation: 4 }), /not taken up yet/],
  ['no old revisions', now({ revisionHistoryLimit: 0 }), /keeps no old revision/],
  ['no readiness probe', now({ hasReadinessProbe: false }), /no readiness probe/],
  ['owned by Argo CD', now({ owner: { tool: 'argocd', name: 'hub' } }), /owned by argocd hub/],
  ['owned by Helm', now({ owner: { tool: 'helm', name: 'hub' } }), /owned by helm hub/],
  ['Recreate', now({ strategy: { type: 'Recreate', maxSurge: 0, maxUnavailable: 0 } }), /strategy Recreate/],
  [
    'a new workload',
    { service: service({ workloads: [workload(), workload({ name: 'new', uid: 'n' })] }) },
    /not in the plan/,
  ],
]
test.each(refusals)('refused, and nothing remembered: %s', async (_name, given, reason) => {
  const fake = world(given)
  const checked = await run(preflight(fake.deps), key)
  expect(checked).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) as string })
  expect(fake.snapshots).toEqual([])
})

describe('signatures', () => {
  const publisher = keySigner()
  const signed = (found: FoundSignature[] | Error, rule = publisher.rule): World => {
    const rules = policy({ signatures: [rule] })
    const fake = world({ plan: planOf({ policy: rules }) })
    Object.assign(fake.deps.config, { policies: [rules] })
    const signatures = () => (found instanceof Error ? Promise.reject(found) : Promise.resolve(found))
    Object.assign(fake.deps.registry, { signatures })
    return fake
  }
  const good = publisher.simple(payloadOf(digest('b')))

  test('are looked at again before the first write', async () => {
    await expect(run(preflight(signed([good]).deps), key)).resolves.toEqual({ kind: 'ok' })
  })

  test.each<[string, FoundSignature[], RegExp]>([
    ['was taken away', [], /^v1\.0\.1 is not signed; .* Have its publisher sign it/],
    ['is of another image', [publisher.simple(payloadOf(digest('c')))], /made for another image/],
  ])('one that %s refuses the start', async (_, found, reason) => {
    const fake = signed(found)
    const checked = await run(preflight(fake.deps), key)
    expect(checked).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) as string })
    expect(fake.snapshots).toEqual([])
  })

  test('another key in refit.yaml than in the plan voids the approval', async () => {
    const fake = signed([good])
    Object.assign(fake.deps.config, { policies: [policy({ signatures: [keySigner().rule] })] })
    await expect(run(preflight(fake.deps), key)).resolves.toMatchObject({
      ...{ kind: 'refused', reason: expect.stringContaining('the policy changed') as string },
    })
  })

  test('that can not be read are not known, and asked for again', async () => {
    const away = new RefitError('REGISTRY_UNAVAILABLE', 'away', 'wait')
    await expect(run(preflight(signed(away).deps), key)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  })
})

const full = setting({ quotas: [{ name: 'compute', left: { pods: 0 } }] })
const mounted = setting({
  containers: [
    {
      ...{ name: 'ledger', init: false, command: [], args: [], ports: [], nonRoot: false },
      mounts: [{ path: '/opt/ledger/config', keeps: false }],
    },
  ],
})
const others: [string, Partial<World>, RegExp][] = [
  ['a quota is full', { surroundings: { settings: [full], unread: [] } }, /quota compute leaves 0 of the 1 pods/],
  [
    'the new image works elsewhere',
    {
      surroundings: { settings: [mounted], unread: [] },
      contracts: (of) => contract(of === digest('b') ? { workingDir: '/opt/app' } : {}),
    },
    /mounts \/opt\/ledger\/config, and the WORKDIR/,
  ],
]
test.each(others)('refused for what stands around: %s', async (_name, given, reason) => {
  const fake = world(given)
  const checked = await run(preflight(fake.deps), key)
  expect(checked).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) as string })
  expect(fake.snapshots).toEqual([])
})

test.each(['patch deployments', 'get deployments', 'list replicasets'])(
  'refused before the first write: the worker may not %s',
  async (right) => {
    const fake = world({ denied: (each) => each === right })
    await expect(run(preflight(fake.deps), key)).resolves.toEqual({
      kind: 'refused',
      reason: `the worker's account may not ${right} in hub. Grant it: refit permissions -o yaml prints the roles.`,
    })
    expect(fake.snapshots).toEqual([])
  },
)

test('what only workloads of another kind need is not asked for', async () => {
  const others =
    /^(get|watch|patch) (statefulsets|daemonsets|cronjobs)|^list (controllerrevisions|jobs)|^delete pods|^(create|get|delete|watch) jobs/
  const fake = world({ denied: (right) => others.test(right) })
  await expect(run(preflight(fake.deps), key)).resolves.toEqual({ kind: 'ok' })
})

test('where nobody may tell the rights, the upgrade goes on', async () => {
  const fake = world()
  const denied = () => Promise.reject(new RefitError('KUBERNETES_FORBIDDEN', 'No reviews.', 'Bind system:basic-user.'))
  Object.assign(fake.deps.kubernetes, { denied })
  await expect(run(preflight(fake.deps), key)).resolves.toEqual({ kind: 'ok' })
})

test('refused: a node of its pods has a platform that the image lacks, unless the policy ignores platforms', async () => {
  const fake = world({ service: service({ nodes: ['a', 'gone'] }) })
  Object.assign(fake.deps.kubernetes, { nodePlatforms: () => Promise.resolve({ a: 'linux/arm64', b: 'linux/s390x' }) })
  await expect(run(preflight(fake.deps), key)).resolves.toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('no image for linux/arm64, which') as string,
  })
  fake.deps.config = { ...fake.deps.config, policies: [policy({ platforms: 'ignore' })] }
  await expect(run(preflight(fake.deps), key)).resolves.toEqual({ kind: 'ok' })
})

test('an image that can not be read is no reason to refuse; a cluster that can not is an error', async () => {
  const away = (code: 'REGISTRY_UNAVAILABLE' | 'KUBERNETES_UNAVAILABLE') => () =>
    Promise.reject(new RefitError(code, 'It is away.', 'Wait.'))
  const fake = world()
  Object.assign(fake.deps.registry, { imageContract: away('REGISTRY_UNAVAILABLE') })
  await expect(run(preflight(fake.deps), key)).resolves.toEqual({ kind: 'ok' })
  Object.assign(fake.deps.kubernetes, { surroundings: away('KUBERNETES_UNAVAILABLE') })
  await expect(run(preflight(fake.deps), key)).rejects.toMatchObject({ code: 'KUBERNETES_UNAVAILABLE' })
})

test('refused: the policy changed since the plan was approved', async () => {
  const fake = world()
  fake.deps.config = {
    ...fake.deps.config,
    policies: [policy({ rollout: { bakeMs: 0, stallMs: 1, deadlineMs: 1, maxUnavailable: 0 } })],
  }
  await expect(run(preflight(fake.deps), key)).resolves.toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('is void, because') as string,
  })
})

test('a record that is written twice asks for one alert under one key', async () => {
  const fake = world()
  const entry = {
    ...key,
    key: 'ended',
    phase: 'bake' as const,
    kind: 'ended' as const,
    outcome: 'held' as const,
    message: 'x',
  }
  await run(record(fake.deps), entry)
  await run(record(fake.deps), entry)
  expect(fake.events.size).toBe(1)
  expect(new Set(fake.alerts.map((alert) => alert.key)).size).toBe(1)
})
