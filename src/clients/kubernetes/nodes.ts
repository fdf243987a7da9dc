import { RefitError } from '../../domain/errors'
import { paths, type Api } from './api'
import type { Node } from './wire'

/** `linux/amd64` by node; undefined when these credentials may not list nodes, which only `refit-nodes` allows. */
export async function nodePlatforms(api: Api, signal?: AbortSignal): Promise<Record<string, string> | undefined> {
  try {
    const nodes = await api.list<Node>({ path: paths.nodes, signal, doing: 'list nodes' })
    return Object.fromEntries(
      nodes.flatMap((node) => {
        const platform = platformOf(node)
        return node.metadata?.name && platform ? [[node.metadata.name, platform]] : []
      }),
    )
  } catch (error) {
    if (error instanceof RefitError && error.code === 'KUBERNETES_FORBIDDEN') return undefined
    throw error
  }
}

/** As the kubelet says it; labels may have been set by hand. */
function platformOf({ metadata, status }: Node): string | undefined {
  const os = status?.nodeInfo?.operatingSystem || metadata?.labels?.['kubernetes.io/os']
  const architecture = status?.nodeInfo?.architecture || metadata?.labels?.['kubernetes.io/arch']
  return os && architecture ? `${os}/${architecture}` : undefined
}
