import { servicesOf } from '../../src/clients/kubernetes/observe-services'
import { ownerOf } from '../../src/clients/kubernetes/owner'
import { serviceNames } from '../../src/clients/kubernetes/service-names'
import { workloadOf } from '../../src/clients/kubernetes/workload'
import { deployment, digest, pod } from './kubernetes-objects'

const ledger = 'registry.example.org/hub/ledger'
const probe = { httpGet: { port: 3001 } }

describe('services of a namespace', () => {
  test('one image over several workloads is one service, with its init containers', () => {
    const services = servicesOf(
      'hub',
      [
        deployment('ledger', {
          init: [
            { name: 'run-migration', image: `${ledger}:v1.0.0` },
            { name: 'wait', image: 'busybox:1' },
          ],
          containers: [
            { name: 'api', image: `${ledger}:v1.0.0` },
            { name: 'proxy', image: 'example.org/proxy:v2' },
          ],
        }),
        deployment('consumer', { replicas: 1, containers: [{ image: `${ledger}:v1.0.0` }] }),
        deployment('quoting', {
          init: [{ name: 'wait-for-ledger', image: `${ledger}:v1.0.0` }],
          containers: [{ image: 'registry.example.org/hub/quoting:v3.0.0' }],
        }),
      ],
      [],
    )
    expect(services.map(({ name, repository }) => [name, repository])).toEqual([
      ['ledger', ledger],
      ['proxy', 'example.org/proxy'],
      ['quoting', 'registry.example.org/hub/quoting'],
    ])
    expect(services[0]?.workloads.map(({ name, containers }) => [name, containers])).toEqual([
      [
        'ledger',
        [
          { name: 'run-migration', init: true, image: `${ledger}:v1.0.0` },
          { name: 'api', init: false, image: `${ledger}:v1.0.0` },
        ],
      ],
      ['quoting', [{ name: 'wait-for-ledger', init: true, image: `${ledger}:v1.0.0` }]],
      ['consumer', [{ name: 'c0', init: false, image: `${ledger}:v1.0.0` }]],
    ])
  })

  test('an image that only init containers use is no service', () => {
    const one = deployment('a', { init: [{ image: 'busybox:1' }], containers: [{ image: 'example.org/a:v1' }] })
    expect(servicesOf('hub', [one], []).map(({ name }) => name)).toEqual(['a'])
  })

  test('the same repository written in two ways is one service', () => {
    const services = servicesOf(
      'hub',
      [
        deployment('a', { containers: [{ image: 'redis:7' }] }),
        deployment('b', { containers: [{ image: 'docker.io/library/redis:7' }] }),
      ],
      [],
    )
    expect(services).toMatchObject([{ name: 'redis', repository: 'docker.io/library/redis', workloads: [{}, {}] }])
  })

  test('singletons come last, then by name; the number of replicas above one changes nothing', () => {
    const make = (name: string, replicas: number) =>
      deployment(name, { replicas, containers: [{ image: `${ledger}:v1` }] })
    const order = (...made: ReturnType<typeof make>[]) =>
      servicesOf('hub', made, [])[0]?.workloads.map(({ name }) => name)
    expect(order(make('a', 1), make('d', 2), make('c', 9), make('b', 1))).toEqual(['c', 'd', 'a', 'b'])
    expect(order(make('a', 1), make('d', 9), make('c', 2), make('b', 1))).toEqual(['c', 'd', 'a', 'b'])
  })

  test('what is being deleted, and what is no image, is left out', () => {
    const gone = deployment('gone', {
      metadata: { deletionTimestamp: '2026-11-23T00:00:00Z' },
      containers: [{ image: `${ledger}:v1` }],
    })
    expect(servicesOf('hub', [gone, deployment('odd', { containers: [{ image: ':::' }] })], [])).toEqual([])
  })

  test('running digests are those of application containers of ready pods', () => {
    const image = `${ledger}:v1`
    const [service] = servicesOf(
      'hub',
      [deployment('ledger', { containers: [{ image }, { image: 'example.org/proxy:v2' }] })],
      [
        pod('1', [image, 'example.org/proxy:v2'], [`${ledger}@${digest('1')}`, `example.org/proxy@${digest('9')}`]),
        pod('2', [image], [`docker-pullable://${ledger}@${digest('2')}`]),
        pod('not-ready', [image], [`${ledger}@${digest('3')}`], false),
        pod('image-id-only', [image], [digest('4')]),
        pod('nothing-said', [image], ['']),
        { ...pod('leaving', [image], [`${ledger}@${digest('5')}`]), metadata: { deletionTimestamp: 'now' } },
      ],
    ).filter(({ name }) => name === 'ledger')
    expect(service?.runningDigests).toEqual([digest('1'), digest('2')])
  })
})

describe('the strategy in pods', () => {
  test.each([
    [undefined, 1, { maxSurge: 1, maxUnavailable: 0 }],
    [undefined, 4, { maxSurge: 1, maxUnavailable: 1 }],
    [undefined, 10, { maxSurge: 3, maxUnavailable: 2 }],
    [{ maxSurge: '50%', maxUnavailable: '34%' }, 3, { maxSurge: 2, maxUnavailable: 1 }],
    [{ maxSurge: 2, maxUnavailable: 0 }, 3, { maxSurge: 2, maxUnavailable: 0 }],
    [{ maxSurge: 0, maxUnavailable: '10%' }, 3, { maxSurge: 0, maxUnavailable: 1 }],
    [{ maxSurge: '0%', maxUnavailable: '0%' }, 3, { maxSurge: 0, maxUnavailable: 1 }],
    [{ maxSurge: '25%', maxUnavailable: '25%' }, 0, { maxSurge: 0, maxUnavailable: 1 }],
  ])('%j of %i', (rollingUpdate, replicas, expected) => {
    const made = deployment('a', { replicas, strategy: { type: 'RollingUpdate', rollingUpdate } })
    expect(workloadOf(made, 'x').strategy).toEqual({ type: 'RollingUpdate', ...expected })
  })

  test('Recreate takes all pods away', () => {
    const made = deployment('a', { replicas: 3, strategy: { type: 'Recreate' } })
    expect(workloadOf(made, 'x').strategy).toEqual({ type: 'Recreate', maxSurge: 0, maxUnavailable: 3 })
  })
})

describe('probes and hooks', () => {
  const image = 'example.org/a:v1'
  const preStop = { preStop: { sleep: { seconds: 5 } } }
  test.each([
    ['all have both', [{ image, readinessProbe: probe, lifecycle: preStop }], true, true],
    ['one lacks them', [{ image, readinessProbe: probe, lifecycle: preStop }, { image }], false, false],
    ['another image lacks them', [{ image, readinessProbe: probe, lifecycle: preStop }, { image: 'b:v1' }], true, true],
    [
      'a postStart hook is no preStop hook',
      [{ image, readinessProbe: probe, lifecycle: { postStart: {} } }],
      true,
      false,
    ],
  ])('%s', (_name, containers, hasReadinessProbe, hasPreStop) => {
    const seen = workloadOf(deployment('a', { containers }), 'example.org/a')
    expect(seen).toMatchObject({ hasReadinessProbe, hasPreStop })
  })
})

describe('who owns the template', () => {
  const helm = {
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': 'moja' },
  }
  test.each([
    ['nobody', { labels: { 'app.kubernetes.io/managed-by': 'refit' } }, undefined],
    ['Argo CD by label', { labels: { 'argocd.argoproj.io/instance': 'hub' } }, { tool: 'argocd', name: 'hub' }],
    [
      'Argo CD by tracking id, over a Helm chart',
      { ...helm, annotations: { 'argocd.argoproj.io/tracking-id': 'moja:apps/Deployment:hub/ledger' } },
      { tool: 'argocd', name: 'moja' },
    ],
    [
      'Argo CD by field manager',
      { managedFields: [{ manager: 'argocd-controller' }], labels: { 'app.kubernetes.io/instance': 'hub' } },
      { tool: 'argocd', name: 'hub' },
    ],
    [
      'Argo CD by its other field manager',
      { managedFields: [{ manager: 'argocd-application-controller' }] },
      { tool: 'argocd', name: 'unknown' },
    ],
    ['Flux, kustomization', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } }, { tool: 'flux', name: 'apps' }],
    [
      'Flux, over Helm',
      { ...helm, labels: { ...helm.labels, 'helm.toolkit.fluxcd.io/name': 'm' } },
      { tool: 'flux', name: 'm' },
    ],
    ['Helm', helm, { tool: 'helm', name: 'moja' }],
    ['a chart applied without Helm', { labels: helm.labels }, undefined],
    ['kubectl', { managedFields: [{ manager: 'kubectl-client-side-apply' }] }, undefined],
  ])('%s', (_name, metadata, owner) => expect(ownerOf(metadata)).toEqual(owner))
})

describe('names of services', () => {
  const namesOf = (...repositories: string[]) => repositories.map((each) => serviceNames(repositories).get(each))
  test('the last segment, in letters that ids may have', () => {
    expect(namesOf('example.org/hub/ledger', 'docker.io/library/my_app.js')).toEqual(['ledger', 'my-app-js'])
  })
  test('the whole repository where the last segment is not unique', () => {
    expect(namesOf('a.org:5000/x/api', 'b.org/x/api', 'b.org/x/web')).toEqual([
      'a-org-5000-x-api',
      'b-org-x-api',
      'web',
    ])
  })
  test('never the same name twice', () => {
    const names = namesOf('a.org/x/api', 'a.org/x-api', 'a.org/y/x-api', 'c.org/a_org/x/api', 'd.org/api')
    expect(new Set(names).size).toBe(names.length)
  })
})
