import type { PodObservation } from '../../domain/rollout'
import { parseImage } from '../../domain/image'
import { digestIn, instant, type ContainerStatus, type Pod } from './wire'
import { repositoryOf } from './workload'

interface Seen {
  status: ContainerStatus
  init: boolean
  /** ends well as a matter of course: an init container that is no sidecar */
  ends: boolean
}

/**
 * One pod, as far as a verdict needs it; init containers and sidecars are looked at like the others. `application` names
 * the application containers of the Deployment's template: a pod may have others that were injected.
 */
export function podObservation(pod: Pod, isNew: boolean, application: ReadonlySet<string>): PodObservation {
  const { metadata, status } = pod
  const containers = containersSeen(pod)
  const condition = (type: string) => status?.conditions?.find((each) => each.type === type)
  const scheduled = condition('PodScheduled')
  const ready = condition('Ready')
  return {
    name: metadata?.name ?? '',
    uid: metadata?.uid ?? '',
    isNew,
    phase: status?.phase ?? 'Unknown',
    ready: ready?.status === 'True',
    ...(ready?.status === 'False' && ready.lastTransitionTime !== undefined
      ? { unreadySince: instant(ready.lastTransitionTime) }
      : {}),
    ...(pod.spec?.nodeName ? { node: pod.spec.nodeName } : {}),
    ...(isStarting(pod) ? { starting: true } : {}),
    deleting: metadata?.deletionTimestamp !== undefined,
    createdAt: instant(metadata?.creationTimestamp),
    restarts: Math.max(0, ...containers.map((each) => each.status.restartCount)),
    waiting: containers.flatMap(({ status: { name, state }, init }) =>
      state?.waiting?.reason
        ? [{ container: name, init, reason: state.waiting.reason, message: state.waiting.message ?? '' }]
        : [],
    ),
    terminated: terminated(containers),
    ...(scheduled?.status === 'False' && scheduled.reason === 'Unschedulable'
      ? { unschedulable: { since: instant(scheduled.lastTransitionTime), message: scheduled.message ?? '' } }
      : {}),
    digests: digestsOf(pod, application),
  }
}

/** A container runs that its startup probe has not passed yet: the kubelet ends it when its time is over. */
const isStarting = ({ spec, status }: Pod): boolean =>
  (spec?.containers ?? []).some(
    ({ name, startupProbe }) =>
      startupProbe !== undefined &&
      status?.containerStatuses?.some((each) => each.name === name && each.state?.running && each.started === false),
  )

function containersSeen({ spec, status }: Pod): Seen[] {
  const sidecars = new Set(
    spec?.initContainers?.filter((each) => each.restartPolicy === 'Always').map(({ name }) => name),
  )
  return [
    ...(status?.initContainerStatuses ?? []).map((each) => ({
      status: each,
      init: true,
      ends: !sidecars.has(each.name),
    })),
    ...(status?.containerStatuses ?? []).map((each) => ({ status: each, init: false, ends: false })),
  ]
}

/** How each container ended now or the last time, the latest end last. */
function terminated(containers: Seen[]): PodObservation['terminated'] {
  return containers
    .flatMap(({ status: { name, state, lastState }, init, ends }) => {
      const end = state?.terminated ?? lastState?.terminated
      return end && !(ends && end.exitCode === 0) ? [{ name, init, end }] : []
    })
    .sort((a, b) => instant(a.end.finishedAt) - instant(b.end.finishedAt))
    .map(({ name, init, end }) => ({ container: name, init, reason: end.reason ?? '', exitCode: end.exitCode }))
}

/**
 * What the template's application containers run. Where they come from several repositories nobody can tell here which
 * of them is the service's, so only digests that differ from those that their own images name are reported.
 */
function digestsOf({ spec, status }: Pod, application: ReadonlySet<string>): string[] {
  const containers = (spec?.containers ?? []).filter(({ name }) => application.has(name))
  const isOneRepository = new Set(containers.map(({ image }) => repositoryOf(image))).size === 1
  const digests = containers.flatMap(({ name, image }) => {
    const runs = digestIn(status?.containerStatuses?.find((each) => each.name === name)?.imageID)
    const wanted = parseImage(image ?? '')?.digest
    const counts = isOneRepository || (wanted !== undefined && wanted !== runs)
    return runs !== undefined && counts ? [runs] : []
  })
  return [...new Set(digests)].sort()
}
