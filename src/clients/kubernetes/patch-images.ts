import { RefitError } from '../../domain/errors'
import type { ImageChange, PatchOptions, WorkloadRef } from '../contracts'
import { isSuccess, paths, type Api } from './api'
import { failureOf, statusOf, tryAgain } from './errors'
import { holdOperations } from './hold'
import { kindOf, templateOf, templatePath, workloadWords } from './kinds'
import { readWorkload } from './read-workload'
import type { WorkloadObject } from './wire'

const attempts = 3

type Operation = { op: 'test' | 'replace'; path: string; value: string }

/** Replaces exactly these images, and only while the template still is what the caller thinks it is (laws 2, 8 and 9). */
export async function patchImages(
  api: Api,
  namespace: string,
  workload: WorkloadRef,
  changes: ImageChange[],
  { dryRun = false, hold, release }: PatchOptions = {},
): Promise<{ changed: boolean }> {
  const doing = `patch ${workloadWords(workload.kind, namespace, workload.name)}`
  for (let attempt = 1; ; attempt++) {
    const object = await readWorkload(api, namespace, workload)
    const operations = [...patchOf(object, namespace, changes), ...holdOperations(object, { hold, release })]
    if (operations.length === 0) return { changed: false }
    const answer = await api.send({
      method: 'PATCH',
      path: paths.workloads(workload.kind, namespace, workload.name),
      query: { fieldManager: 'refit', dryRun: dryRun ? 'All' : undefined },
      contentType: 'application/json-patch+json',
      body: operations,
      doing,
    })
    if (isSuccess(answer)) return { changed: true }
    // A failed `test` is a 422 that names no field: somebody was faster, so look again at what stands there now.
    const outrun = answer.status === 409 || (answer.status === 422 && !statusOf(answer.body)?.causes.length)
    if (!outrun) throw failureOf(answer, doing)
    // The images stood as expected each time, so it is no conflict with anybody; later there is less going on.
    if (attempt === attempts) throw tooBusy(doing, failureOf(answer, doing))
  }
}

/**
 * The JSON patch (RFC 6902) from this workload to the wanted images; empty when they all stand. A merge patch would
 * replace the whole list of containers. Throws KUBERNETES_CONFLICT for an image that is neither the old nor the new one.
 */
export function patchOf(workload: WorkloadObject, namespace: string, changes: ImageChange[]): Operation[] {
  const { metadata } = workload
  const kind = kindOf(workload)
  const words = workloadWords(kind, namespace, metadata?.name ?? '')
  const spec = templateOf(workload)?.spec
  const tests: Operation[] = [{ op: 'test', path: '/metadata/uid', value: metadata?.uid ?? '' }]
  const replacements: Operation[] = []
  for (const { name, init, from, to } of changes) {
    const field = init ? 'initContainers' : 'containers'
    const containers = spec?.[field] ?? []
    const index = containers.findIndex((each) => each.name === name)
    const image = containers[index]?.image
    if (image === undefined || (image !== from && image !== to)) throw conflict(words, name, image, { from, to })
    const path = `${templatePath(kind)}/spec/${field}/${index}`
    tests.push({ op: 'test', path: `${path}/name`, value: name }, { op: 'test', path: `${path}/image`, value: image })
    if (image !== to) replacements.push({ op: 'replace', path: `${path}/image`, value: to })
  }
  return replacements.length === 0 ? [] : [...tests, ...replacements]
}

const conflict = (words: string, name: string, image: string | undefined, { from, to }: { from: string; to: string }) =>
  new RefitError(
    'KUBERNETES_CONFLICT',
    image === undefined
      ? `The ${words} has no container ${name} any more.`
      : `Somebody changed container ${name} of ${words}: it runs ${image}, neither ${from} nor ${to}.`,
    'Nothing was patched.',
  )

const tooBusy = (doing: string, cause: RefitError) =>
  new RefitError(
    'KUBERNETES_UNAVAILABLE',
    `Kubernetes could not ${doing}: it changed under each of ${attempts} attempts.`,
    tryAgain,
    { cause },
  )
