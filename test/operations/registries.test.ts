import { registries } from '../../src/operations/registries'
import type { KnownRepository } from '../../src/store/contracts'

const known = (repository: string, changed: Partial<KnownRepository> = {}): KnownRepository => ({
  ...{ repository, path: repository, tagCount: 1, hash: '', tagsHash: '', readAt: new Date(1_000), error: null },
  ...{ doubted: null, accepted: null, acceptedMissing: [] },
  ...changed,
})
const of = (all: KnownRepository[]) => registries({ store: { repositoryList: { all: () => Promise.resolve(all) } } })

test('each host is told with what fails, the failing ones first', async () => {
  const at = new Date(5_000)
  const error = { code: 'REGISTRY_REFUSED' as const, message: 'no', at }
  expect(
    await of([
      known('a.example.org/hub/ledger'),
      known('a.example.org/hub/quoting', { readAt: new Date(3_000) }),
      known('redis', { error, readAt: null }),
      known('b.example.org/x', { doubted: { hash: 'h', count: 0, missing: [] } }),
    ]),
  ).toEqual([
    { host: 'docker.io', repositories: 1, failing: [{ repository: 'redis', ...error }], doubted: [], lastReadAt: null },
    { host: 'a.example.org', repositories: 2, failing: [], doubted: [], lastReadAt: new Date(3_000) },
    { host: 'b.example.org', repositories: 1, failing: [], doubted: ['b.example.org/x'], lastReadAt: new Date(1_000) },
  ])
})

test('before the first scan there is none', async () => {
  expect(await of([])).toEqual([])
})
