import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createKubernetes } from '../../src/clients/kubernetes'
import type { JobSpec, Kubernetes, RehearsalSpec, WorkloadRef } from '../../src/clients/contracts'
import { workloadKinds } from '../../src/domain/service'
import { changes, images, openCluster, until, type Cluster } from './kubernetes-cluster'
import { kindManifest } from './kubernetes-kinds'

let cluster: Cluster

beforeAll(async () => {
  cluster = await openCluster()
})
afterAll(() => cluster?.close())

describe('with the rights of deploy/manifest', () => {
  const manifests = join(__dirname, '../../deploy/manifest')

  /** A client with the service account's own token, bound in `namespace` by these of the shipped roles. */
  async function clientWith(namespace: string, ...roles: string[]): Promise<Kubernetes> {
    await cluster.apply(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'refit', namespace } },
      ...roles.map((role) => ({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: role, namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: `refit-${role}` },
        subjects: [{ kind: 'ServiceAccount', name: 'refit', namespace }],
      })),
    )
    for (const role of roles) {
      const file = join(cluster.stack.stateDir, `${namespace}-${role}.yaml`)
      const yaml = await readFile(join(manifests, `role-${role}.yaml`), 'utf8')
      await writeFile(file, yaml.replace('namespace: hub', `namespace: ${namespace}`))
      await cluster.kubectl('apply', '-f', file)
    }
    const token = (await cluster.kubectl('-n', namespace, 'create', 'token', 'refit')).trim()
    const file = join(cluster.stack.stateDir, `${namespace}.kubeconfig`)
    const target = { server: cluster.stack.kubernetes.server, 'insecure-skip-tls-verify': true }
    await writeFile(
      file,
      JSON.stringify({
        ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: target }],
        users: [{ name: 'u', user: { token } }],
      }),
    )
    return createKubernetes({ kubeconfig: file })
  }

  test('watch reads and can write nothing', async () => {
    const { namespace, ref } = await cluster.hub()
    const client = await clientWith(namespace, 'watch')
    expect(await client.check([namespace], 'watch')).toEqual({
      version: expect.stringMatching(/^v1\./),
      denied: [],
      at: expect.any(Date),
    })
    expect(await client.observeServices([namespace])).toHaveLength(2)
    expect((await client.observeRollout(namespace, ref)).available).toBe(3)

    const { denied } = await client.check([namespace], 'approve')
    expect(denied).toContain(`patch deployments in ${namespace}`)
    expect(denied).toContain(`get pods/proxy in ${namespace}`)
    await expect(client.patchImages(namespace, ref, changes)).rejects.toMatchObject({
      code: 'KUBERNETES_FORBIDDEN',
      message: expect.stringContaining('cannot patch resource "deployments"'),
    })
    await expect(client.observeServices(['kube-system'])).rejects.toMatchObject({ code: 'KUBERNETES_FORBIDDEN' })
    expect(await client.nodePlatforms()).toBeUndefined()
    await expect(client.dockerConfigSecret(namespace, 'registry')).rejects.toMatchObject({
      code: 'KUBERNETES_FORBIDDEN',
    })
    await client.close()
  })

  test('the optional rights give the nodes and the named Secret, and no other one', async () => {
    const { namespace } = await cluster.hub()
    const client = await clientWith(namespace, 'watch')
    for (const name of ['cluster-role-nodes', 'role-pull-secrets']) {
      const file = join(cluster.stack.stateDir, `${namespace}-${name}.yaml`)
      const yaml = await readFile(join(manifests, `${name}.yaml`), 'utf8')
      await writeFile(file, yaml.replace(/namespace: (hub|refit)$/gm, `namespace: ${namespace}`))
      await cluster.kubectl('apply', '-f', file)
    }
    for (const name of ['registry', 'another'])
      await cluster.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/dockerconfigjson',
        metadata: { name, namespace },
        stringData: { '.dockerconfigjson': '{"auths":{}}' },
      })
    await until(
      () => client.nodePlatforms(),
      (platforms) => platforms !== undefined,
    )
    expect(Object.values((await client.nodePlatforms()) ?? {})[0]).toBe('linux/amd64')
    expect(await client.dockerConfigSecret(namespace, 'registry')).toBe('{"auths":{}}')
    await expect(client.dockerConfigSecret(namespace, 'another')).rejects.toMatchObject({
      code: 'KUBERNETES_FORBIDDEN',
    })
    expect((await client.observeServices([namespace]))[0]?.nodes).not.toEqual([])
    await client.close()
  })

  test('approve is enough for a whole upgrade', async () => {
    const { namespace, ref } = await cluster.hub()
    const client = await clientWith(namespace, 'watch', 'approve')
    expect((await client.check([namespace], 'approve')).denied).toEqual([])
    const job: JobSpec = {
      ...{
        namespace,
        name: 'refit-ledger-abc-0',
        image: images.wanted,
        command: ['true'],
        deadlineMs: 60_000,
        labels: {},
      },
      like: { workload: 'ledger', container: 'run-migration' },
    }
    await client.startJob(job)
    await until(
      () => client.jobState(namespace, job.name),
      ({ kind }) => kind === 'succeeded',
    )
    await client.jobLogs(namespace, job.name)
    await client.deleteJob(namespace, job.name)
    expect(await client.patchImages(namespace, ref, changes)).toEqual({ changed: true })
    expect((await client.observeRollout(namespace, ref)).pods).not.toHaveLength(0)
    const asked = client.podGet(namespace, 'no-such-pod', 3001, '/health', 2_000)
    await expect(asked).rejects.toMatchObject({ code: 'KUBERNETES_NOT_FOUND' })
    await client.close()
  })

  test('and for workloads of every kind', async () => {
    const { namespace } = await cluster.hub()
    const kinds = workloadKinds.filter((kind) => kind !== 'Deployment')
    const manifests = kinds.map((kind) => kindManifest(kind, 'books'))
    await cluster.apply(...manifests.map((each) => ({ ...each, metadata: { ...each.metadata, namespace } })))
    const client = await clientWith(namespace, 'watch', 'approve')
    const found = await until(
      () => client.observeServices([namespace]),
      ([ledger]) => ledger?.workloads.length === 5,
    )
    for (const kind of kinds) {
      const ref = found[0]?.workloads.find((each) => each.kind === kind) as WorkloadRef
      const change = { name: 'ledger', init: false, from: images.old, to: images.wanted }
      expect(await client.patchImages(namespace, ref, [change])).toEqual({ changed: true })
      expect((await client.observeRollout(namespace, ref)).kind).toBe(kind)
    }
    await client.deletePod(namespace, 'books-0', 'not this one')
    await client.close()
  })

  test('rehearsing Jobs needs the optional role, and that is enough', async () => {
    const { namespace } = await cluster.hub()
    const client = await clientWith(namespace, 'watch', 'approve')
    expect((await client.check([namespace], 'rehearse')).denied).toEqual([
      ...[`patch jobs in ${namespace}`, `create secrets in ${namespace}`, `create networkpolicies in ${namespace}`],
    ])
    const rehearsal: RehearsalSpec = {
      ...{ namespace, name: 'refit-rehearsal-abc', image: images.wanted, command: ['true'], deadlineMs: 60_000 },
      ...{ env: 'DATABASE_URL', url: 'postgres://a', addresses: ['10.1.2.3'], port: 5432, hosts: {}, labels: {} },
      like: { workload: 'ledger', container: 'run-migration' },
    }
    await expect(client.startRehearsal(rehearsal)).rejects.toMatchObject({ code: 'KUBERNETES_FORBIDDEN' })
    const file = join(cluster.stack.stateDir, `${namespace}-rehearse.yaml`)
    const yaml = await readFile(join(manifests, 'role-rehearse.yaml'), 'utf8')
    await writeFile(file, yaml.replace(/namespace: (hub|refit)$/gm, `namespace: ${namespace}`))
    await cluster.kubectl('apply', '-f', file)
    await until(
      () => client.check([namespace], 'rehearse'),
      ({ denied }) => denied.length === 0,
    )
    await client.startRehearsal({ ...rehearsal, name: 'refit-rehearsal-abd' })
    await until(
      () => client.jobState(namespace, 'refit-rehearsal-abd'),
      ({ kind }) => kind === 'succeeded',
    )
    await client.endRehearsal(namespace, 'refit-rehearsal-abd')
    await client.close()
  })

  test('the manifests are what this API server accepts, and give no right on everything', async () => {
    const rendered = await cluster.kubectl('kustomize', manifests)
    expect(rendered).not.toMatch(/ClusterRole|['"]?\*['"]?\s*$/m)
    const file = join(cluster.stack.stateDir, 'manifests.yaml')
    await writeFile(file, rendered)
    const namespaces = [...rendered.matchAll(/^ {2}namespace: (\S+)$/gm)].map(([, each]) => each as string)
    for (const each of new Set(namespaces)) await cluster.kubectl('create', 'namespace', each)
    expect(await cluster.kubectl('apply', '--dry-run=server', '--validate=strict', '-f', file)).toContain(
      'deployment.apps/',
    )
  })
})
