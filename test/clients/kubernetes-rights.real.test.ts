import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKubernetes } from '../../src/clients/kubernetes'
import type { Kubernetes } from '../../src/clients/contracts'
import {
  clusterRules,
  kubernetesNeeds,
  type KubernetesRight,
  rightsIn,
  rightWords,
  rulesFor,
} from '../../src/domain/permissions'
import { workloadKinds } from '../../src/domain/service'
import { compact, grantsFor } from '../../src/operations/permissions/manifests'
import { policy } from '../domain/fixtures'
import { kubeconfigOf } from '../support/service-account'
import { changes, openCluster, until, type Cluster } from './kubernetes-cluster'
import { type AllKinds, jobOf, leftJob, rehearsalOf, withoutRight } from './kubernetes-denied'
import { kindManifest } from './kubernetes-kinds'

let cluster: Cluster
let hub: AllKinds
/** with the account's own token */
let kubeconfig: string
const all = rightsIn(rulesFor(kubernetesNeeds))

beforeAll(async () => {
  cluster = await openCluster()
  const { namespace } = await cluster.hub()
  const kinds = workloadKinds.filter((kind) => kind !== 'Deployment')
  await cluster.apply(
    ...kinds.map((kind) => {
      const manifest = kindManifest(kind, 'books')
      return { ...manifest, metadata: { ...manifest.metadata, namespace } }
    }),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'refit', namespace } },
    {
      ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'refit', namespace } },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'refit' },
      subjects: [{ kind: 'ServiceAccount', name: 'refit', namespace }],
    },
  )
  const [ledger] = await until(
    () => cluster.kubernetes.observeServices([namespace]),
    ([found]) => found?.workloads.length === 5,
  )
  const refs = Object.fromEntries(
    workloadKinds.map((kind) => [kind, ledger?.workloads.find((each) => each.kind === kind)]),
  ) as unknown as AllKinds['refs']
  hub = { namespace, refs }
  await cluster.kubernetes.startJob(jobOf(namespace, leftJob))
  const at = { kubectl: (...args: string[]) => cluster.kubectl(...args), server: cluster.stack.kubernetes.server }
  kubeconfig = await kubeconfigOf(at, { namespace, name: 'refit' }, join(cluster.stack.stateDir, 'account.kubeconfig'))
})
afterAll(() => cluster?.close())

/** A client of the account, once it has exactly these rights. */
async function clientWith(rights: readonly KubernetesRight[]): Promise<Kubernetes> {
  const rules = compact(rights.map(({ verb, group, resource }) => ({ group, resources: [resource], verbs: [verb] })))
  const metadata = { name: 'refit', namespace: hub.namespace }
  await cluster.apply({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules })
  const lacking = all.filter((each) => !rights.includes(each))
  for (;;) {
    const client = createKubernetes({ kubeconfig })
    const denied = await client.denied(hub.namespace, all)
    if (denied.length === lacking.length && lacking.every((each) => denied.includes(each))) return client
    await client.close()
  }
}

const stands = async (): Promise<string> => {
  const json = await cluster.kubectl(
    '-n',
    hub.namespace,
    'get',
    'deploy,sts,ds,cronjob,job,secret,networkpolicy',
    '-o',
    'json',
  )
  const { items } = JSON.parse(json) as { items: { kind: string; metadata: { name: string; generation?: number } }[] }
  return items.map(({ kind, metadata: { name, generation } }) => `${kind}/${name} ${generation}`).join('\n')
}

test('what watching needs is enough to look, and to write nothing', async () => {
  const client = await clientWith(rightsIn(rulesFor(['scan', 'around'])).map((right) => sameIn(all, right)))
  expect(await client.observeServices([hub.namespace])).toHaveLength(2)
  expect((await client.surroundings(hub.namespace, Object.values(hub.refs))).unread).toEqual([])
  for (const forbidden of [
    client.patchImages(hub.namespace, hub.refs.Deployment, changes),
    client.observeServices(['kube-system']),
    client.dockerConfigSecret(hub.namespace, 'registry'),
  ])
    await expect(forbidden).rejects.toMatchObject({ code: 'KUBERNETES_FORBIDDEN' })
  expect(await client.nodePlatforms()).toBeUndefined()
  await client.close()
})

const sameIn = (rights: readonly KubernetesRight[], right: KubernetesRight): KubernetesRight =>
  rights.find((each) => rightWords(each) === rightWords(right) && each.group === right.group) ?? right

test('what the server may look at is enough to compare and to plan, and it can write nothing', async () => {
  const [server] = grantsFor(
    { policies: [policy({ select: { namespaces: [hub.namespace], images: ['*'] } })], registries: [] },
    { serverLooks: true, pullSecrets: [] },
  ).filter(({ account }) => account === 'server')
  const looks = (server?.rules ?? []).map(({ apiGroups: [group = ''], ...rule }) => ({ group, ...rule }))
  const client = await clientWith(rightsIn(looks).map((right) => sameIn(all, right)))
  expect(await client.observeServices([hub.namespace])).toHaveLength(2)
  for (const kind of workloadKinds)
    expect((await client.observeRollout(hub.namespace, hub.refs[kind])).uid).toBe(hub.refs[kind].uid)
  expect((await client.surroundings(hub.namespace, Object.values(hub.refs))).unread).toEqual([])
  await expect(client.patchImages(hub.namespace, hub.refs.Deployment, changes)).rejects.toMatchObject({
    code: 'KUBERNETES_FORBIDDEN',
  })
  await client.close()
})

describe('without one right', () => {
  let before: string
  beforeAll(async () => {
    before = await stands()
  })

  test.each(all.map((right) => [rightWords(right), right] as const))('%s', async (words, right) => {
    const client = await clientWith(all.filter((each) => each !== right))
    const [operation, outcome] = withoutRight[words] ?? []
    if (operation === undefined || outcome === undefined) throw new Error(`nothing needs the right to ${words}`)
    if (outcome === 'refused')
      await expect(operation(client, hub)).rejects.toMatchObject({
        code: 'KUBERNETES_FORBIDDEN',
        message: expect.stringMatching(
          new RegExp(`cannot ${right.verb} resource "${right.resource}" .* in the namespace "${hub.namespace}"`),
        ),
        next: expect.stringContaining('refit permissions'),
      })
    else outcome(await operation(client, hub))
    await client.close()
  })

  test('nothing was changed half way by any of them', async () => {
    expect(await until(stands, (now) => now === before)).toBe(before)
  })
})

test('with all of them nothing is refused', async () => {
  const client = await clientWith(all)
  for (const [words, [operation]] of Object.entries(withoutRight)) {
    const code = await operation(client, hub).then(
      () => 'done',
      (error: { code?: string }) => error.code,
    )
    expect([words, code]).not.toEqual([words, 'KUBERNETES_FORBIDDEN'])
  }
  for (const kind of workloadKinds)
    expect((await client.observeRollout(hub.namespace, hub.refs[kind])).uid).toBe(hub.refs[kind].uid)
  await client.startRehearsal(rehearsalOf(hub.namespace, 'refit-rehearsal-all'))
  await until(
    () => client.jobState(hub.namespace, 'refit-rehearsal-all'),
    ({ kind }) => kind === 'succeeded',
  )
  await client.endRehearsal(hub.namespace, 'refit-rehearsal-all')
  await client.close()
})

test('the rights beyond the namespace: named Secrets, nodes, neighbours', async () => {
  const { namespace } = hub
  const rbac = 'rbac.authorization.k8s.io'
  const client = await clientWith(all)
  const secret = (name: string) => ({
    ...{ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', metadata: { name, namespace } },
    stringData: { '.dockerconfigjson': '{"auths":{}}' },
  })
  const bound = (kind: 'Role' | 'ClusterRole', name: string, rules: object[]) => [
    { apiVersion: `${rbac}/v1`, kind, metadata: { name, namespace }, rules },
    {
      ...{ apiVersion: `${rbac}/v1`, kind: `${kind}Binding`, metadata: { name, namespace } },
      roleRef: { apiGroup: rbac, kind, name },
      subjects: [{ kind: 'ServiceAccount', name: 'refit', namespace }],
    },
  ]
  await cluster.apply(
    ...[secret('registry'), secret('another')],
    ...bound('Role', 'pull', [
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['registry'], verbs: ['get'] },
    ]),
  )
  await until(
    () => client.dockerConfigSecret(namespace, 'registry').catch(() => undefined),
    (found) => found === '{"auths":{}}',
  )
  await expect(client.dockerConfigSecret(namespace, 'another')).rejects.toMatchObject({ code: 'KUBERNETES_FORBIDDEN' })

  const [pod] = (await client.observeRollout(namespace, hub.refs.Deployment)).pods
  const node = pod?.node ?? ''
  const elsewhere = async () =>
    (await client.neighbours(namespace, [node])).filter(({ workload }) => !workload.startsWith(`${namespace}/`))
  expect([await client.nodePlatforms(), await elsewhere()]).toEqual([undefined, []])
  await cluster.apply(...bound('ClusterRole', 'refit', compact(clusterRules)))
  await until(
    () => client.nodePlatforms(),
    (found) => found?.[node] === 'linux/amd64',
  )
  await client.neighbours(namespace, [node])
  await client.close()
})

test('the manifests are what this API server accepts, and give no right on everything', async () => {
  const manifests = join(__dirname, '../../deploy/manifest')
  const rendered = await cluster.kubectl('kustomize', manifests)
  expect(rendered).not.toMatch(/ClusterRole|['"]?\*['"]?\s*$/m)
  const file = join(cluster.stack.stateDir, 'manifests.yaml')
  await writeFile(file, rendered)
  const namespaces = [...rendered.matchAll(/^ {2}namespace: (\S+)$/gm)].map(([, each]) => each as string)
  for (const each of new Set(namespaces)) await cluster.kubectl('create', 'namespace', each)
  expect(await cluster.kubectl('apply', '--dry-run=server', '--validate=strict', '-f', file)).toContain(
    'deployment.apps/',
  )
  expect(await readFile(join(manifests, 'kustomization.yaml'), 'utf8')).toContain('role-watch.yaml')
})
