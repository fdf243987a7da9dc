import { RefitError } from '../../domain/errors'
import type { WorkloadRef } from '../contracts'
import { paths, type Api } from './api'
import type { Deployment } from './wire'

/** The very Deployment that was planned: one of the same name that was created since is another. Throws KUBERNETES_NOT_FOUND. */
export async function readWorkload(
  api: Api,
  namespace: string,
  { name, uid }: WorkloadRef,
  signal?: AbortSignal,
): Promise<Deployment> {
  const path = paths.deployments(namespace, name)
  const deployment = await api.json<Deployment>({
    method: 'GET',
    path,
    signal,
    doing: `read deployment ${namespace}/${name}`,
  })
  if (deployment.metadata?.uid !== uid)
    throw new RefitError(
      'KUBERNETES_NOT_FOUND',
      `Deployment ${namespace}/${name} was deleted and created again.`,
      'Run refit scan for a new plan.',
    )
  return deployment
}
