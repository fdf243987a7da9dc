import { parseImage } from '../../domain/image'
import type { ServiceContainer, Workload } from '../../domain/service'
import { ownerOf } from './owner'
import type { Container, Deployment } from './wire'

/** Kubernetes' own default of both. */
const defaultShare = '25%'

/** The same repository however it is written: `redis` and `docker.io/library/redis` are one. Undefined for what is no image. */
export function repositoryOf(image: string | undefined): string | undefined {
  const parsed = parseImage(image ?? '')
  return parsed && `${parsed.registry}/${parsed.path}`
}

/** Every container and init container of the template. */
export function containersOf(deployment: Deployment): ServiceContainer[] {
  const spec = deployment.spec?.template.spec
  const plain =
    (init: boolean) =>
    ({ name, image }: Container) => ({ name, init, image: image ?? '' })
  return [...(spec?.initContainers ?? []).map(plain(true)), ...(spec?.containers ?? []).map(plain(false))]
}

/** One Deployment as a workload of the service with this repository. */
export function workloadOf(deployment: Deployment, repository: string): Workload {
  const { metadata = {}, spec, status } = deployment
  const replicas = spec?.replicas ?? 1
  const application = (spec?.template.spec?.containers ?? []).filter(({ image }) => repositoryOf(image) === repository)
  const owner = ownerOf(metadata)
  return {
    kind: 'Deployment',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    generation: metadata.generation ?? 0,
    observedGeneration: status?.observedGeneration ?? 0,
    replicas,
    strategy: strategyOf(deployment, replicas),
    paused: spec?.paused ?? false,
    revisionHistoryLimit: spec?.revisionHistoryLimit ?? 10,
    progressDeadlineSeconds: spec?.progressDeadlineSeconds ?? 600,
    containers: containersOf(deployment).filter(({ image }) => repositoryOf(image) === repository),
    hasReadinessProbe: application.every(({ readinessProbe }) => readinessProbe !== undefined),
    hasPreStop: application.every(({ lifecycle }) => lifecycle?.preStop !== undefined),
    ...(owner ? { owner } : {}),
  }
}

/** As the Deployment controller does it: surge rounds up, unavailable rounds down, and both 0 would never move. */
function strategyOf({ spec }: Deployment, replicas: number): Workload['strategy'] {
  if (spec?.strategy?.type === 'Recreate') return { type: 'Recreate', maxSurge: 0, maxUnavailable: replicas }
  const { maxSurge = defaultShare, maxUnavailable = defaultShare } = spec?.strategy?.rollingUpdate ?? {}
  const surge = podsOf(maxSurge, replicas, Math.ceil)
  const unavailable = podsOf(maxUnavailable, replicas, Math.floor)
  return { type: 'RollingUpdate', maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

function podsOf(value: number | string, replicas: number, round: (pods: number) => number): number {
  if (typeof value === 'number') return value
  const pods = value.endsWith('%') ? round((Number.parseInt(value, 10) * replicas) / 100) : Number(value)
  return Number.isFinite(pods) ? pods : 0
}
