import { parseImage } from '../../domain/image'
import type { ServiceContainer, Workload, WorkloadKind } from '../../domain/service'
import { heldMark } from './hold'
import { kindOf, templateOf } from './kinds'
import { ownerOf } from './owner'
import { replacementOf } from './replacement'
import type { Container, WorkloadObject } from './wire'

/** The same repository however it is written: `redis` and `docker.io/library/redis` are one. Undefined for what is no image. */
export function repositoryOf(image: string | undefined): string | undefined {
  const parsed = parseImage(image ?? '')
  return parsed && `${parsed.registry}/${parsed.path}`
}

/** Every container and init container of the template. */
export function containersOf(workload: WorkloadObject): ServiceContainer[] {
  const spec = templateOf(workload)?.spec
  const plain =
    (init: boolean) =>
    ({ name, image }: Container) => ({ name, init, image: image ?? '' })
  return [...(spec?.initContainers ?? []).map(plain(true)), ...(spec?.containers ?? []).map(plain(false))]
}

/** One workload, as far as it is the service's with this repository. */
export function workloadOf(workload: WorkloadObject, repository: string): Workload {
  const { metadata = {} } = workload
  const kind = kindOf(workload)
  const owner = ownerOf(metadata)
  return {
    kind,
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    generation: metadata.generation ?? 0,
    ...replacementOf(kind, workload),
    ...heldMark(workload),
    containers: containersOf(workload).filter(({ image }) => repositoryOf(image) === repository),
    ...careOf(kind, workload, repository),
    ...(owner ? { owner } : {}),
  }
}

/** Nobody sends requests to the pods of a CronJob. */
function careOf(
  kind: WorkloadKind,
  workload: WorkloadObject,
  repository: string,
): Pick<Workload, 'hasReadinessProbe' | 'hasPreStop'> {
  if (kind === 'CronJob') return { hasReadinessProbe: true, hasPreStop: true }
  const application = (templateOf(workload)?.spec?.containers ?? []).filter(
    ({ image }) => repositoryOf(image) === repository,
  )
  return {
    hasReadinessProbe: application.every(({ readinessProbe }) => readinessProbe !== undefined),
    hasPreStop: application.every(({ lifecycle }) => lifecycle?.preStop !== undefined),
  }
}
