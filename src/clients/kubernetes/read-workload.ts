import { RefitError } from '../../domain/errors'
import type { WorkloadKind } from '../../domain/service'
import type { WorkloadRef } from '../contracts'
import { paths, type Api } from './api'
import { ofKind, workloadWords } from './kinds'
import type { WorkloadObject } from './wire'

/** The very workload that was planned: one of the same name that was created since is another. Throws KUBERNETES_NOT_FOUND. */
export async function readWorkload(
  api: Api,
  namespace: string,
  { kind, name, uid }: WorkloadRef,
  signal?: AbortSignal,
): Promise<WorkloadObject> {
  const workload = await readNamed(api, namespace, { kind, name }, signal)
  if (workload.metadata?.uid !== uid)
    throw new RefitError(
      'KUBERNETES_NOT_FOUND',
      `${kind} ${namespace}/${name} was deleted and created again.`,
      'Run refit scan for a new plan.',
    )
  return workload
}

/** Whatever has this name now. Throws KUBERNETES_NOT_FOUND. */
export async function readNamed(
  api: Api,
  namespace: string,
  { kind, name }: { kind: WorkloadKind; name: string },
  signal?: AbortSignal,
): Promise<WorkloadObject> {
  const path = paths.workloads(kind, namespace, name)
  const doing = `read ${workloadWords(kind, namespace, name)}`
  return ofKind(kind, await api.json<WorkloadObject>({ method: 'GET', path, signal, doing }))
}
