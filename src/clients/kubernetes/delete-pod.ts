import { isSuccess, paths, type Api } from './api'
import { failureOf } from './errors'

/** Deletes this very pod with the grace that its template gives it. Nothing happens when it, or its name's owner, is another. */
export async function deletePod(api: Api, namespace: string, pod: string, uid: string): Promise<void> {
  const doing = `delete pod ${namespace}/${pod}`
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } }
  const answer = await api.send({ method: 'DELETE', path: paths.pods(namespace, pod), body, doing })
  // 409: another pod has this name by now, as a StatefulSet gives it to the next one.
  if (!isSuccess(answer) && answer.status !== 404 && answer.status !== 409) throw failureOf(answer, doing)
}
