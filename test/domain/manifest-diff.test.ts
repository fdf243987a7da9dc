import { compareManifests, type Manifest } from '../../src/domain/manifest-diff'

const deployment = (tag: string, more: { replicas?: number; env?: object[]; labels?: object } = {}): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'ledger', namespace: 'hub' },
  spec: {
    replicas: more.replicas ?? 3,
    template: {
      metadata: { labels: { app: 'ledger', 'helm.sh/chart': `chart-${tag}`, ...more.labels } },
      spec: { containers: [{ name: 'app', image: `example.org/hub/ledger:${tag}`, env: more.env ?? [] }] },
    },
  },
})

test('only an image and the name of the chart differ: nothing to accept', () => {
  expect(compareManifests([deployment('v1.0.0')], [deployment('v1.1.0')])).toEqual({
    images: { 'hub/ledger': 'v1.1.0' },
    differences: [],
    problems: [],
  })
})

test('whatever else differs is listed, object by object', () => {
  const config = (value: string): Manifest => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } },
    data: { DIALECT: value },
  })
  const { differences } = compareManifests(
    [deployment('v1.0.0', { env: [{ name: 'A', value: '1' }] }), config('mysql')],
    [
      deployment('v1.1.0', {
        replicas: 2,
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '1' },
        ],
      }),
      config('mysql2'),
      { ...deployment('v1.1.0'), metadata: { name: 'ledger-handler' } },
    ],
  )
  expect(differences).toEqual([
    'ConfigMap settings: data.DIALECT changes from "mysql" to "mysql2"',
    'Deployment hub/ledger: spec.replicas changes from 3 to 2',
    'Deployment hub/ledger: spec.template.spec.containers.app.env.B is new ({"name":"B","value":"2"})',
    'Deployment ledger-handler: is new',
  ])
})

test('one image in two versions is a problem', () => {
  const other = { ...deployment('v1.2.0'), metadata: { name: 'other' } }
  expect(compareManifests([deployment('v1.0.0')], [deployment('v1.1.0'), other]).problems).toEqual([
    'hub/ledger has several tags in the new manifests: v1.1.0, v1.2.0',
  ])
})

test('another repository is no upgrade but a difference', () => {
  const moved = JSON.parse(JSON.stringify(deployment('v1.1.0')).replace('hub/ledger:', 'fork/ledger:')) as Manifest
  const compared = compareManifests([deployment('v1.0.0')], [moved])
  expect(compared.images).toEqual({})
  expect(compared.differences).toEqual([
    'Deployment hub/ledger: spec.template.spec.containers.app.image changes from "example.org/hub/ledger" to "example.org/fork/ledger"',
  ])
})
