import { freeHolds } from '../../src/activities/free-holds'
import { RefitError } from '../../src/domain/errors'
import type { Service } from '../../src/domain/service'
import type { Outcome } from '../../src/domain/status'
import type { UpgradeRow } from '../../src/store/contracts'
import { policy, service, workload } from '../domain/fixtures'
import { key, world } from './support'

const held = service({ workloads: [workload({ paused: true, pausedBy: key.upgradeId })] })

interface Given {
  isUnresolved?: boolean
  mode?: 'approve' | 'watch'
  services?: Service[]
  /** of the patch */
  error?: RefitError
}

/** What a scan makes of a Deployment that stands still for an upgrade which ended so. */
async function scanned(
  row: { outcome: Outcome | null } | undefined,
  { isUnresolved = false, mode = 'approve', services = [held], error }: Given = {},
) {
  const fake = world({ patch: () => (error ? Promise.reject(error) : Promise.resolve({ changed: true })) })
  const resolved = isUnresolved ? {} : { resolvedAt: new Date() }
  const upgrade = row && ({ id: key.upgradeId, message: 'health can not be read', ...resolved, ...row } as UpgradeRow)
  fake.deps.config = { ...fake.deps.config, policies: [policy({ mode })] }
  fake.deps.store.upgrades.read = () => Promise.resolve(upgrade)
  const warn = jest.fn()
  fake.deps.logger = { warn } as never
  await freeHolds(fake.deps, services)
  return { options: fake.options, alerts: fake.alerts, warn }
}

test('what nobody holds, and what an open upgrade holds, is left alone', async () => {
  expect(await scanned({ outcome: null })).toMatchObject({ options: [], alerts: [] })
  expect(await scanned(undefined, { services: [service()] })).toMatchObject({ options: [], alerts: [] })
})

test.each(['rolled-back', 'aborted', 'succeeded'] as const)(
  'after an upgrade that ended %s it goes on',
  async (outcome) => {
    const { options, alerts } = await scanned({ outcome })
    expect(options).toEqual([{ release: key.upgradeId }])
    expect(alerts).toMatchObject([{ level: 'info', title: 'hub/ledger: a rollout goes on' }])
  },
)

test('after a held one that a person has resolved it goes on', async () => {
  expect((await scanned({ outcome: 'held' })).options).toEqual([{ release: key.upgradeId }])
})

test.each([
  ['a held upgrade waits for a person', { outcome: 'held' as const }, { isUnresolved: true }, 'not resolved yet'],
  ['nobody knows the upgrade', undefined, {}, 'knows no such upgrade'],
  ['Refit may only watch', { outcome: 'aborted' as const }, { mode: 'watch' as const }, 'only watch'],
  [
    'Kubernetes refuses',
    { outcome: 'aborted' as const },
    { error: new RefitError('KUBERNETES_FORBIDDEN', 'Kubernetes refuses to patch it.', 'Grant it.') },
    'refuses to patch',
  ],
])('a person is told where %s', async (_, row, given, words) => {
  const { alerts } = await scanned(row, given)
  expect(alerts).toMatchObject([{ level: 'page', title: 'hub/ledger: a rollout stands still half way' }])
  expect(alerts[0]?.text).toContain(words)
  expect(alerts[0]?.text).toContain('kubectl -n hub rollout resume deployment/ledger-api')
})

test('an API server that is away is asked again by the next scan', async () => {
  const error = new RefitError('KUBERNETES_UNAVAILABLE', 'away', 'Wait.')
  const { alerts, warn } = await scanned({ outcome: 'aborted' }, { error })
  expect(alerts).toEqual([])
  expect(warn).toHaveBeenCalled()
})

test('a workload that has gone is nobody’s news, and one of two services is looked at once', async () => {
  const error = new RefitError('KUBERNETES_NOT_FOUND', 'gone', 'Nothing.')
  expect((await scanned({ outcome: 'aborted' }, { error })).alerts).toEqual([])
  const two = [held, { ...held, name: 'proxy', repository: 'registry.example.org:5000/hub/proxy' }]
  expect((await scanned({ outcome: 'aborted' }, { services: two })).options).toHaveLength(1)
})
