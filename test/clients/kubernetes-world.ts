import type { KubernetesObject } from '../../src/clients/kubernetes/watch-objects'
import { type FakeApi, status, type Answered, type Stream } from './kubernetes-api'

const collections = ['deployments', 'replicasets', 'pods'] as const
type Collection = (typeof collections)[number]

/** Lists, watches and single objects of one namespace, as an API server serves them; a test changes them. */
export function worldOf(api: FakeApi) {
  const objects = new Map<string, KubernetesObject>()
  const open = new Map<Collection, Stream>()
  let version = 100
  let instead: { answered: Answered; onlyWatches: boolean } | undefined
  const versioned = (object: KubernetesObject): KubernetesObject => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(++version) },
  })
  const itemsOf = (kind: Collection) =>
    [...objects].filter(([path]) => path.startsWith(`${kind}/`)).map(([, object]) => object)

  const world = {
    /** instead of what it would answer; undefined: as ever */
    answers: (answered: Answered | undefined, { onlyWatches = false } = {}) =>
      void (instead = answered && { answered, onlyWatches }),
    watches: () => [...open.keys()],
    stream: (kind: Collection): Stream => open.get(kind) as Stream,
    /** what was asked since the last time, without queries: `GET pods`, `WATCH pods` */
    asked: (): string[] =>
      api.asked
        .splice(0)
        .map(({ method, path, query }) => `${query.watch ? 'WATCH' : method} ${path.split('/namespaces/hub/')[1]}`),
    put: (kind: Collection, object: KubernetesObject, told = true): KubernetesObject => {
      const path = `${kind}/${object.metadata?.name}`
      const after = versioned(object)
      const type = objects.has(path) ? 'MODIFIED' : 'ADDED'
      objects.set(path, after)
      if (told) open.get(kind)?.line({ type, object: after })
      return after
    },
    remove: (kind: Collection, name: string, told = true): void => {
      const object = objects.get(`${kind}/${name}`)
      objects.delete(`${kind}/${name}`)
      if (told && object) open.get(kind)?.line({ type: 'DELETED', object: versioned(object) })
    },
  }
  api.answer(({ method, path, query }) => {
    if (instead && (query.watch || !instead.onlyWatches)) return instead.answered
    const rest = path.split('/namespaces/hub/')[1] ?? ''
    const kind = collections.find((each) => rest === each)
    if (!kind && method === 'PATCH') {
      const patched = versioned(objects.get(rest) ?? {})
      objects.set(rest, patched)
      return { body: patched }
    }
    if (!kind) return objects.has(rest) ? { body: objects.get(rest) } : status(404, 'NotFound', `${rest} not found`)
    if (query.watch) return { stream: (stream) => void open.set(kind, stream) }
    return { body: { metadata: { resourceVersion: String(version) }, items: itemsOf(kind) } }
  })
  return world
}
