import { RefitError } from '../../domain/errors'
import type { Neighbour } from '../../domain/rollout-environment'
import { paths, type Api } from './api'
import { instant, type Pod } from './wire'

/** Living pods on these nodes, one request a node; of the namespace only, where the credentials may not list others. */
export async function neighbours(
  api: Api,
  namespace: string,
  nodes: string[],
  signal?: AbortSignal,
): Promise<Neighbour[]> {
  const onNode = (node: string, path: string) =>
    api.list<Pod>({ path, query: { fieldSelector: `spec.nodeName=${node}` }, signal, doing: `list pods on ${node}` })
  const lists = await Promise.all(
    nodes.map((node) =>
      onNode(node, paths.allPods).catch((error: unknown) => {
        if (error instanceof RefitError && error.code === 'KUBERNETES_FORBIDDEN')
          return onNode(node, paths.pods(namespace))
        throw error
      }),
    ),
  )
  return lists.flat().flatMap(neighbourOf)
}

/** Pods that have ended, are on their way out or belong to nobody say nothing of the node. */
function neighbourOf({ metadata, spec, status }: Pod): Neighbour[] {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller)
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  if (!owner || owner.kind === 'Job' || isOver || metadata?.deletionTimestamp !== undefined) return []
  const hash = metadata?.labels?.['pod-template-hash']
  const name = hash && owner.name.endsWith(`-${hash}`) ? owner.name.slice(0, -hash.length - 1) : owner.name
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return [
    {
      workload: `${metadata?.namespace ?? ''}/${name}`,
      images: (spec?.containers ?? []).map(({ image }) => image ?? ''),
      ready: ready?.status === 'True',
      since: instant(ready?.lastTransitionTime),
    },
  ]
}
