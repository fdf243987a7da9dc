import { parseAllDocuments } from 'yaml'
import { refit } from './support'

const env = {
  TEMPORAL_ADDRESS: 'temporal.example:7233',
  TEMPORAL_NAMESPACE: 'green',
  DATABASE_URL: 'postgres://u:hunter2@pg/r',
}

test('for people: each right, database, registry, way out, and what Temporal must allow', async () => {
  const { code, out, opened } = await refit('permissions', { env })
  expect([code, opened]).toEqual([0, ['config']])
  for (const said of [
    'refit/refit in hub',
    'refit/refit-server: nothing, and no token',
    'DATABASE_URL, the store',
    'pg:5432',
  ])
    expect(out).toContain(said)
  expect(out).toMatch(/temporal\.example:7233, namespace green[^]*search-attribute create --namespace green/)
  expect(out).not.toContain('hunter2')
})

test('with -o yaml: manifests, for kubectl apply', async () => {
  const { out } = await refit('permissions -o yaml --namespace ops --service-account upgrades --cluster-wide', { env })
  const objects = parseAllDocuments(out).map(
    (each) => each.toJS() as { kind: string; metadata: Record<string, string> },
  )
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)).toEqual([
    ...['ServiceAccount ops/upgrades', 'ServiceAccount ops/upgrades-server'],
    ...['Role hub/upgrades', 'RoleBinding hub/upgrades', 'ClusterRole /upgrades', 'ClusterRoleBinding /upgrades'],
  ])
})

test('with -o json: everything', async () => {
  const run = await refit('permissions -o json --server-looks', { env })
  expect(Object.keys(run.json())).toEqual(['hub', 'kubernetes', 'databases', 'registries', 'egress', 'temporal'])
  expect(run.json()).toMatchObject({ kubernetes: { grants: [{ account: 'worker' }, { account: 'server' }] } })
})
