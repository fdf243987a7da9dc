/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { parseConfig, policyFor } from '../../src/config'
import type { Service, Workload } from '../../src/domain/service'
import { initialConfig } from '../../src/operations/init'
import { fakeKubernetes, ledger } from './support'

const named = { hub: 'green-hub', environment: 'test' }
const running = (namespace: string, image: string, more: Partial<Service> = {}): Service => {
  const repository = image.replace(/(:[^:/]+)?(@.*)?$/, '')
  const [workload] = ledger.workloads
  const containers = [{ name: 'app', init: false, image }]
  const name = repository.split('/').at(-1) ?? ''
  return { ...ledger, namespace, name, repository, workloads: [{ ...workload!, containers }], ...more }
}
const clusterOf = (services: Service[], asked: (readonly string[])[] = []) =>
  fakeKubernetes({
    observeServices: async (namespaces) => {
      asked.push(namespaces)
      return services.filter(({ namespace }) => namespaces.includes(namespace))
    },
    namespaces: async () => ['default', 'hub', 'kube-system', 'local-path-storage', 'refit', 'shop'],
  })
const parse = (text: string) => parseConfig({ text, name: 'refit.yaml', env: {} })

describe('the first refit.yaml', () => {
  test('watches what runs, versions by bugfix and moving tags by digest, and is right as it is', async () => {
    const services = [
      running('hub', 'registry.example.org:5000/hub/ledger:v1.0.0'),
      running('hub', 'registry.example.org:5000/hub/proxy:latest'),
      running('shop', 'docker.io/library/redis:7.2.0'),
    ]
    const initial = await initialConfig(clusterOf(services), named)
    const config = parse(initial.text)
    expect(config.hub).toMatchObject({ name: 'green-hub', environment: 'test' })
    expect(config.policies.map(({ name, mode, strategy }) => [name, mode, strategy])).toEqual([
      ['hub-by-digest', 'watch', 'digest'],
      ['hub', 'watch', 'bugfix'],
      ['shop', 'watch', 'bugfix'],
    ])
    const strategies = services.map((each) => policyFor(config, each.namespace, each.repository)?.strategy)
    expect(strategies).toEqual(['bugfix', 'digest', 'bugfix'])
    expect(initial).toMatchObject({
      namespaces: ['hub', 'shop'],
      services: [{ service: 'ledger', running: ['v1.0.0'] }, { service: 'proxy', running: ['latest'] }, {}],
    })
    expect(initial.text).toContain('# hub/ledger runs v1.0.0')
  })

  test('says what would be refused once the policy acts', async () => {
    const [workload] = ledger.workloads as [Workload]
    const consumer: Workload = { ...workload, name: 'consumer', replicas: 2, strategy: { type: 'Recreate' } as never }
    const service = { ...ledger, workloads: [workload, consumer] }
    const { text } = await initialConfig(clusterOf([service]), named)
    expect(text).toContain('    # rollout: { maxUnavailable: 2 } # needed to upgrade consumer, whose pods stop before')
    expect(parse(text.replace('# rollout', 'rollout')).policies[0]?.rollout.maxUnavailable).toBe(2)
    expect((await initialConfig(clusterOf([ledger]), named)).text).not.toContain('maxUnavailable')
  })

  test('looks into all namespaces but those of the cluster and its own, or into those that are named', async () => {
    const asked: (readonly string[])[] = []
    const cluster = clusterOf([ledger], asked)
    await initialConfig(cluster, named)
    await initialConfig(cluster, { ...named, namespaces: ['hub', 'kube-system'] })
    expect(asked).toEqual([
      ['hub', 'shop'],
      ['hub', 'kube-system'],
    ])
  })

  test('reads registries with the pull secrets that pods name', async () => {
    const services = [
      running('hub', 'registry.example.org/hub/ledger:v1.0.0', { pullSecrets: ['pull'] }),
      running('hub', 'docker.io/library/redis:7.2.0'),
    ]
    const { registries } = parse((await initialConfig(clusterOf(services), named)).text)
    expect(registries).toMatchObject([{ host: 'registry.example.org', auth: { kind: 'imagePullSecrets' } }])
  })

  test('keeps names that YAML would read as something else', async () => {
    const services = [running('on', 'registry.example.org/hub/true:v1.0.0'), running('123', 'docker.io/a/null:v1.0.0')]
    const asked = { hub: 'a: b # c', environment: 'yes', namespaces: ['on', '123'] }
    const config = parse((await initialConfig(clusterOf(services), asked)).text)
    expect(config.hub).toMatchObject({ name: 'a: b # c', environment: 'yes' })
    for (const { namespace, repository } of services) expect(policyFor(config, namespace, repository)).toBeDefined()
  })

  test('of a cluster in which nothing runs is an error that says where was looked', async () => {
    await expect(initialConfig(clusterOf([]), { ...named, namespaces: ['hub'] })).rejects.toMatchObject({
      code: 'KUBERNETES_NOT_FOUND',
      message: expect.stringContaining('runs in hub'),
    })
    await expect(initialConfig(clusterOf([]), named)).rejects.toMatchObject({ code: 'KUBERNETES_NOT_FOUND' })
  })
})
