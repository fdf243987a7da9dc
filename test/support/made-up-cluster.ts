/**
 * An API server with Deployments whose pods are there at once, or fail as their image is said to: for thousands of
 * upgrades over the real Kubernetes client, where a cluster with its controllers would take all of the time.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Deployment, Pod, ReplicaSet } from '../../src/clients/kubernetes/wire'
import { canonical } from '../../src/clients/kubernetes/template'
import { kubeconfigOf } from '../clients/kubernetes-api'
import { applyPatch, deploymentOf, newPod, type Operation } from './made-up-objects'

/** How the pods of an image do. */
export type Behaviour = 'healthy' | 'crash-loop' | 'image-pull'

export interface Patched {
  namespace: string
  name: string
  image: string
}

export interface MadeUpCluster {
  kubeconfig: string
  /** a Deployment with two replicas, all of them ready */
  deploy(deployed: Patched): void
  /** image of the Deployment's only container */
  image(namespace: string, name: string): string
  close(): Promise<void>
}

interface Settings {
  behaviourOf(image: string): Behaviour
  /** the digest that its pods report */
  digestOf(image: string): string | undefined
  /** an image was really changed */
  patched?(patched: Patched): void
}

type Kept = Deployment | ReplicaSet | Pod
const replicas = 2
/** A watch that asks for what is older lists anew. */
const keptEvents = 5_000

export async function madeUpCluster({ behaviourOf, digestOf, patched }: Settings): Promise<MadeUpCluster> {
  const objects = new Map<string, Kept>()
  const watchers = new Map<ServerResponse, string>()
  const events: { version: number; collection: string; line: string }[] = []
  let version = 1

  const announce = (type: string, path: string, object: Kept): void => {
    version += 1
    object.metadata = { ...object.metadata, resourceVersion: String(version) }
    const collection = path.slice(0, path.lastIndexOf('/'))
    const line = `${JSON.stringify({ type, object })}\n`
    events.push({ version, collection, line })
    if (events.length > keptEvents) events.splice(0, keptEvents / 2)
    for (const [response, watched] of watchers) if (watched === collection) response.write(line)
  }
  const put = (path: string, object: Kept): void => {
    const type = objects.has(path) ? 'MODIFIED' : 'ADDED'
    objects.set(path, object)
    announce(type, path, object)
  }
  const remove = (path: string): void => {
    const object = objects.get(path)
    if (!object) return
    objects.delete(path)
    announce('DELETED', path, object)
  }
  const itemsOf = (collection: string, selector = ''): Kept[] =>
    [...objects].flatMap(([path, object]) =>
      path.startsWith(`${collection}/`) && isSelected(object, selector) ? [object] : [],
    )

  /** What the controllers and a kubelet would make of it, at once. */
  const reconcile = (path: string, deployment: Deployment): void => {
    const { namespace = '', name = '' } = deployment.metadata ?? {}
    const template = deployment.spec!.template
    const hash = createHash('sha256').update(canonical(template)).digest('hex').slice(0, 10)
    const sets = `/apis/apps/v1/namespaces/${namespace}/replicasets`
    const pods = `/api/v1/namespaces/${namespace}/pods`
    const setPath = `${sets}/${name}-${hash}`
    if (!objects.has(setPath)) put(setPath, replicaSetOf(deployment, hash))
    const owned = itemsOf(pods, `app=${name}`) as Pod[]
    const image = template.spec?.containers[0]?.image ?? ''
    const behaviour = behaviourOf(image)
    const isOf = (pod: Pod, of: string): boolean => pod.metadata?.labels?.['pod-template-hash'] === of
    const isReady = (pod: Pod): boolean => pod.status?.conditions?.[0]?.status === 'True'
    const fresh = owned.filter((pod) => isOf(pod, hash) && isReady(pod))
    const wanted = behaviour === 'healthy' ? replicas - fresh.length : 1
    const about = { namespace, name, hash, image, behaviour, digest: digestOf(image), set: `uid-${name}-${hash}` }
    for (let i = 0; i < wanted; i += 1) {
      const pod = newPod({ ...about, number: (version += 1) })
      put(`${pods}/${pod.metadata?.name}`, pod)
    }
    // Nothing that serves is taken away before what replaces it is ready.
    const gone = owned.filter((pod) => (behaviour === 'healthy' ? !fresh.includes(pod) : !isReady(pod)))
    for (const pod of gone) remove(`${pods}/${pod.metadata?.name}`)
    const oldSets = (itemsOf(sets, `app=${name}`) as ReplicaSet[]).filter(
      (each) => each.metadata?.name !== `${name}-${hash}`,
    )
    for (const old of oldSets.slice(0, -2)) remove(`${sets}/${old.metadata?.name}`)
    const healthy = behaviour === 'healthy'
    deployment.status = {
      observedGeneration: deployment.metadata?.generation,
      replicas: healthy ? replicas : replicas + 1,
      updatedReplicas: healthy ? replicas : 1,
      readyReplicas: replicas,
      availableReplicas: replicas,
      conditions: [],
    }
    put(path, deployment)
  }

  const patch = (path: string, operations: Operation[], isDry: boolean): { status: number; body: unknown } => {
    const before = objects.get(path) as Deployment | undefined
    if (!before) return { status: 404, body: { kind: 'Status', code: 404, reason: 'NotFound' } }
    const after = applyPatch(structuredClone(before), operations)
    if (!after) return { status: 422, body: { kind: 'Status', code: 422, reason: 'Invalid' } }
    if (isDry) return { status: 200, body: after }
    after.metadata = { ...after.metadata, generation: (after.metadata?.generation ?? 0) + 1 }
    objects.set(path, after)
    reconcile(path, after)
    const { namespace = '', name = '' } = after.metadata
    patched?.({ namespace, name, image: after.spec?.template.spec?.containers[0]?.image ?? '' })
    return { status: 200, body: objects.get(path) }
  }

  const watch = (response: ServerResponse, collection: string, query: URLSearchParams): void => {
    const since = Number(query.get('resourceVersion'))
    response.writeHead(200)
    response.flushHeaders()
    for (const event of events) if (event.version > since && event.collection === collection) response.write(event.line)
    watchers.set(response, collection)
    const timer = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 30) * 1_000)
    response.once('close', () => {
      clearTimeout(timer)
      watchers.delete(response)
    })
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://api')
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answer = (status: number, body: unknown): void => void response.writeHead(status).end(JSON.stringify(body))
      if (request.method === 'PATCH') {
        const operations = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Operation[]
        const { status, body } = patch(pathname, operations, searchParams.get('dryRun') === 'All')
        return answer(status, body)
      }
      if (pathname === '/version') return answer(200, { major: '1', minor: '34', gitVersion: 'v1.34.4' })
      // It may do everything.
      if (pathname.endsWith('/selfsubjectaccessreviews')) return answer(201, { status: { allowed: true } })
      if (searchParams.get('watch')) return watch(response, pathname, searchParams)
      if (objects.has(pathname)) return answer(200, objects.get(pathname))
      const isCollection = /\/(?:nodes|namespaces\/[^/]+\/[^/]+)$/.test(pathname)
      if (!isCollection) return answer(404, { kind: 'Status', code: 404, reason: 'NotFound', message: 'not found' })
      const items = itemsOf(pathname, searchParams.get('labelSelector') ?? '')
      answer(200, { metadata: { resourceVersion: String(version) }, items })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const kubeconfig = join(mkdtempSync(join(tmpdir(), 'refit-made-up-')), 'config')
  writeFileSync(kubeconfig, kubeconfigOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  const pathOf = (namespace: string, name: string): string =>
    `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
  return {
    kubeconfig,
    deploy: ({ namespace, name, image }) =>
      reconcile(pathOf(namespace, name), deploymentOf(namespace, name, image, replicas)),
    image: (namespace, name) =>
      (objects.get(pathOf(namespace, name)) as Deployment | undefined)?.spec?.template.spec?.containers[0]?.image ?? '',
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** `app=name` is all that it is asked by. */
const isSelected = ({ metadata }: Kept, selector: string): boolean => {
  const [key = '', value] = selector.split('=')
  return selector === '' || metadata?.labels?.[key] === value
}

function replicaSetOf({ metadata, spec }: Deployment, hash: string): ReplicaSet {
  const { name = '', namespace = '', uid = '' } = metadata ?? {}
  const template = structuredClone(spec!.template)
  const labels = { ...template.metadata?.labels, 'pod-template-hash': hash }
  return {
    metadata: {
      ...{ name: `${name}-${hash}`, namespace, uid: `uid-${name}-${hash}`, labels },
      creationTimestamp: new Date().toISOString(),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true }],
    },
    spec: { selector: spec!.selector, template: { ...template, metadata: { ...template.metadata, labels } } },
  }
}
