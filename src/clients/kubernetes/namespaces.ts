import type { Api } from './api'

/** The names of all namespaces, for a first look; needs a right that workers don't have. */
export async function namespacesIn(api: Api): Promise<string[]> {
  const found = await api.list<{ metadata?: { name?: string } }>({
    path: '/api/v1/namespaces',
    doing: 'list namespaces; name them with --namespace where that is not allowed',
  })
  return found.flatMap(({ metadata }) => metadata?.name ?? [])
}
