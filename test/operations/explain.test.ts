import { parseConfig } from '../../src/config'
import type { TagExplanation } from '../../src/domain/decision'
import { explainService } from '../../src/operations/explain'
import { config, decision, fakeStore, now } from './support'

const key = { namespace: 'hub', service: 'ledger' }
const tags: TagExplanation[] = [
  { tag: 'v2.0.0', verdict: 'outside-strategy', reason: 'beyond bugfix from v1.0.0' },
  { tag: 'v1.0.0', verdict: 'running', reason: 'runs' },
]
const { store } = fakeStore({ decisions: [decision({ tags })] })

describe('why a service is offered what it is offered', () => {
  test('is the last decision, every tag, and the policy that decided with its place in the file', async () => {
    const found = await explainService({ store, config }, { key, now })
    expect(found).toMatchObject({
      ...key,
      decision: { kind: 'up-to-date', current: 'v1.0.0' },
      policy: { name: 'core', position: 1, mode: 'approve', strategy: 'bugfix', prerelease: 'none', settle: null },
      window: { kind: 'open' },
      tags,
    })
    expect(Object.keys(found.decision)).not.toContain('tags')
  })

  test('tells the ages and the window of its policy', async () => {
    const aged = parseConfig({
      name: 'refit.yaml',
      env: {},
      text: `
hub: { name: green-hub, environment: test }
policies:
  - { name: other, select: { namespaces: [other], images: ['*'] } }
  - name: core
    select: { namespaces: [hub], images: ['*/hub/*'] }
    strategy: { range: '^1' }
    minimumAge: 1d
    settle: { for: 3d }
    windows: [{ cron: '0 2 * * SAT', duration: 3h, timeZone: UTC }]
`,
    })
    expect(await explainService({ store, config: aged }, { key, now })).toMatchObject({
      policy: {
        ...{ name: 'core', position: 2, mode: 'watch', minimumAgeMs: 86_400_000 },
        settle: { forMs: 3 * 86_400_000, atMostMs: 14 * 86_400_000 },
      },
      window: { kind: 'closed', opensAt: Date.parse('2026-11-28T02:00:00Z') },
    })
  })

  test('of one tag is that tag; one that no scan saw is an error', async () => {
    const of = (tag: string) => explainService({ store, config }, { key, tag, now })
    expect((await of('v2.0.0')).tags).toEqual([tags[0]])
    await expect(of('v9.9.9')).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' })
  })

  test('of a service that no policy selects has none', async () => {
    const elsewhere = fakeStore({ decisions: [decision({ namespace: 'other', kind: 'unwatched' })] })
    const asked = { key: { ...key, namespace: 'other' }, now }
    expect(await explainService({ store: elsewhere.store, config }, asked)).toMatchObject({
      policy: null,
      window: null,
      tags: [],
    })
  })

  test('of a service that no scan decided on is an error', async () => {
    await expect(explainService({ store: fakeStore().store, config }, { key, now })).rejects.toMatchObject({
      code: 'SERVICE_UNKNOWN',
    })
  })
})
