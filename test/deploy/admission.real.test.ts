import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkloadKind } from '../../src/domain/service'
import { images, ledgerDeployment, openCluster, type Cluster } from '../clients/kubernetes-cluster'
import { kindManifest } from '../clients/kubernetes-kinds'

const policies = join(__dirname, '../../deploy/admission/only-images.yaml')
const namespace = 'admission'
const refit = 'system:serviceaccount:refit:refit'

let cluster: Cluster
beforeAll(async () => {
  cluster = await openCluster()
  await cluster.apply(
    ...['refit', namespace].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'refit', namespace: 'refit' } },
    // More than any role of deploy/manifest gives, so that what refuses is the policies.
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'refit-may-all' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'refit', namespace: 'refit' }],
    },
    ledgerDeployment(namespace, 'deployment', 1),
    ...(['StatefulSet', 'DaemonSet', 'CronJob'] as const).map((kind) => ({
      ...kindManifest(kind, kind.toLowerCase()),
      metadata: { name: kind.toLowerCase(), namespace },
    })),
  )
  await cluster.kubectl('apply', '-f', policies)
  // A policy counts some moments after it is there.
  for (const kind of kinds)
    while (await patched(kind, [{ op: 'add', path: '/metadata/labels', value: { probe: 'x' } }]))
      await cluster.kubectl('-n', namespace, 'label', kind, kind.toLowerCase(), 'probe-')
})
afterAll(() => cluster?.close())

const kinds: WorkloadKind[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob']
type Operation = { op: string; path: string; value?: unknown }

/** Whether the API server takes the patch from the account, or who else does it. */
async function patched(kind: WorkloadKind, operations: Operation[], as = refit): Promise<boolean> {
  const file = join(cluster.stack.stateDir, 'patch.json')
  await writeFile(file, JSON.stringify(operations))
  const args = ['-n', namespace, 'patch', kind, kind.toLowerCase(), '--type=json', `--patch-file=${file}`]
  try {
    await cluster.kubectl(...args, ...(as ? [`--as=${as}`] : []))
    return true
  } catch (error) {
    expect(String(error)).toMatch(/ValidatingAdmissionPolicy 'refit-\w+' .* denied request: .*Refit may change/s)
    return false
  }
}

const templateOf = (kind: WorkloadKind): string =>
  kind === 'CronJob' ? '/spec/jobTemplate/spec/template' : '/spec/template'
const set = (path: string, value: unknown): Operation => ({ op: 'add', path, value })

test.each(kinds)('of a %s the images may be changed', async (kind) => {
  const path = `${templateOf(kind)}/spec/containers/0/image`
  expect(await patched(kind, [set(path, images.wanted)])).toBe(true)
})

test.each<[string, WorkloadKind, Operation[]]>([
  ['an init container', 'Deployment', [set('/spec/template/spec/initContainers/0/image', images.wanted)]],
  [
    'paused, with the mark of an upgrade',
    'Deployment',
    [set('/spec/paused', true), set('/metadata/annotations/refit.dev~1paused-by', 'abcdef123456-1')],
  ],
  [
    'going on',
    'Deployment',
    [
      { op: 'remove', path: '/spec/paused' },
      { op: 'remove', path: '/metadata/annotations/refit.dev~1paused-by' },
    ],
  ],
  ['the partition', 'StatefulSet', [set('/spec/updateStrategy/rollingUpdate', { partition: 2 })]],
])('what an upgrade needs: %s of a %s', async (_what, kind, operations) => {
  expect(await patched(kind, operations)).toBe(true)
})

test.each<[string, WorkloadKind[], (template: string) => Operation]>([
  ['the command', kinds, (template) => set(`${template}/spec/containers/0/command`, ['sh'])],
  ['a variable', kinds, (template) => set(`${template}/spec/containers/0/env`, [{ name: 'A', value: 'b' }])],
  [
    'rights of a container',
    kinds,
    (template) => set(`${template}/spec/containers/0/securityContext`, { privileged: true }),
  ],
  ['another container', kinds, (template) => set(`${template}/spec/containers/-`, { name: 'x', image: images.old })],
  [
    'an init container',
    kinds,
    (template) => set(`${template}/spec/initContainers`, [{ name: 'x', image: images.old }]),
  ],
  ['the service account', kinds, (template) => set(`${template}/spec/serviceAccountName`, 'admin')],
  ["the node's network", kinds, (template) => set(`${template}/spec/hostNetwork`, true)],
  [
    'a volume',
    ['StatefulSet', 'DaemonSet', 'CronJob'],
    (template) => set(`${template}/spec/volumes`, [{ name: 'v', hostPath: { path: '/' } }]),
  ],
  ["the pods' labels", kinds, (template) => set(`${template}/metadata/labels/x`, 'y')],
  ['labels', kinds, () => set('/metadata/labels', { x: 'y' })],
  ["somebody else's annotations", kinds, () => set('/metadata/annotations', { 'example.org/x': 'y' })],
  ['the scale', ['Deployment', 'StatefulSet'], () => set('/spec/replicas', 7)],
  ['the strategy', ['Deployment'], () => set('/spec/strategy/rollingUpdate/maxUnavailable', 1)],
  ['the type of its updates', ['StatefulSet', 'DaemonSet'], () => set('/spec/updateStrategy', { type: 'OnDelete' })],
  ['the schedule', ['CronJob'], () => set('/spec/schedule', '* * * * *')],
])('nothing else may be changed: %s', async (_what, of, operation) => {
  for (const kind of of) expect([kind, await patched(kind, [operation(templateOf(kind))])]).toEqual([kind, false])
})

test('others are not held by it', async () => {
  expect(await patched('Deployment', [set('/spec/replicas', 2)], '')).toBe(true)
})

test('the account that it names is the one of deploy/manifest', async () => {
  const account = await readFile(join(__dirname, '../../deploy/manifest/service-account.yaml'), 'utf8')
  expect(account).toMatch(/name: refit\n {2}namespace: refit\n/)
  expect((await readFile(policies, 'utf8')).match(new RegExp(refit, 'g'))).toHaveLength(kinds.length)
})
