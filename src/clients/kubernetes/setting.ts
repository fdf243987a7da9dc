import type { WorkloadKind } from '../../domain/service'
import type { ContainerSetting, Setting } from '../../domain/surroundings'
import { countsPods, demandOf, leftOf } from './pod-demand'
import { selects } from './label-selector'
import type {
  Autoscaler,
  Claim,
  Container,
  DisruptionBudget,
  LimitRange,
  ObjectMeta,
  PodTemplate,
  ResourceQuota,
  ServiceObject,
} from './wire'

/** A workload of any kind, as far as it matters here. */
export interface WorkloadObject {
  metadata?: ObjectMeta
  spec?: {
    replicas?: number
    template?: PodTemplate
    jobTemplate?: { spec?: { template?: PodTemplate } }
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } }
  }
  status?: {
    replicas?: number
    updatedReplicas?: number
    currentRevision?: string
    updateRevision?: string
    desiredNumberScheduled?: number
    updatedNumberScheduled?: number
  }
}

/** What a namespace holds beside its workloads; undefined where it could not be listed. */
export interface Neighbours {
  autoscalers: Autoscaler[] | undefined
  budgets: DisruptionBudget[] | undefined
  quotas: ResourceQuota[] | undefined
  ranges: LimitRange[] | undefined
  claims: Claim[] | undefined
  services: ServiceObject[] | undefined
}

type PodSpec = NonNullable<PodTemplate['spec']>

/** How one workload stands among its neighbours. */
export function settingOf(kind: WorkloadKind, object: WorkloadObject, around: Neighbours): Setting {
  const { metadata = {}, spec } = object
  const name = metadata.name ?? ''
  const template = spec?.jobTemplate?.spec?.template ?? spec?.template
  const pod: PodSpec = template?.spec ?? { containers: [] }
  const labels = template?.metadata?.labels ?? {}
  const autoscaler = around.autoscalers?.find(
    ({ spec: of }) => of?.scaleTargetRef.kind === kind && of.scaleTargetRef.name === name,
  )
  const older = olderOf(kind, object)
  const maker = metadata.ownerReferences?.find(({ controller }) => controller)
  const appliedBy = appliedByOf(metadata)
  return {
    kind,
    name,
    containers: containersOf(pod),
    demand: demandOf(pod, around.ranges ?? []),
    graceSeconds: pod.terminationGracePeriodSeconds ?? 30,
    preStopSeconds: Math.max(0, ...pod.containers.map(preStopOf)),
    getsRequests: around.services?.some(({ spec: of }) => isSelected(of?.selector, labels)),
    budgets: (around.budgets ?? [])
      .filter(({ spec: of }) => selects(of?.selector, labels))
      .map(({ metadata: of, spec: { minAvailable, maxUnavailable } = {} }) => ({
        name: of?.name ?? '',
        ...(minAvailable === undefined ? {} : { minAvailable: minAvailable }),
        ...(maxUnavailable === undefined ? {} : { maxUnavailable: maxUnavailable }),
      })),
    quotas: (around.quotas ?? [])
      .filter((quota) => countsPods(quota, pod))
      .map((quota) => ({ name: quota.metadata?.name ?? '', left: leftOf(quota) })),
    ...(autoscaler?.spec
      ? {
          autoscaler: {
            name: autoscaler.metadata?.name ?? '',
            min: autoscaler.spec.minReplicas ?? 1,
            max: autoscaler.spec.maxReplicas,
          },
        }
      : {}),
    claims: claimsOf(pod, around.claims ?? []),
    ...(older ? { older } : {}),
    ...(maker ? { madeBy: `${maker.kind} ${maker.name}` } : {}),
    ...(appliedBy === undefined ? {} : { appliedBy }),
    ...helmOf(metadata),
  }
}

/** A Service object without a selector selects nothing by itself. */
function isSelected(selector: Record<string, string> | undefined, labels: Readonly<Record<string, string>>): boolean {
  return selector !== undefined && Object.keys(selector).length > 0 && selects({ matchLabels: selector }, labels)
}

function containersOf(pod: PodSpec): ContainerSetting[] {
  const { runAsUser, runAsNonRoot, fsGroup } = pod.securityContext ?? {}
  const kept = new Set(
    (pod.volumes ?? [])
      .filter((volume) => (volume.persistentVolumeClaim && !volume.persistentVolumeClaim.readOnly) || volume.hostPath)
      .map(({ name }) => name),
  )
  const plain =
    (init: boolean) =>
    (each: Container): ContainerSetting => {
      const user = each.securityContext?.runAsUser ?? runAsUser
      return {
        name: each.name,
        init,
        command: each.command ?? [],
        args: each.args ?? [],
        ...(each.workingDir ? { workingDir: each.workingDir } : {}),
        ports: portsOf(each),
        mounts: (each.volumeMounts ?? []).map(({ name, mountPath, readOnly }) => ({
          path: mountPath,
          keeps: kept.has(name) && !readOnly && fsGroup === undefined,
        })),
        ...(user === undefined ? {} : { user }),
        nonRoot: each.securityContext?.runAsNonRoot ?? runAsNonRoot ?? false,
      }
    }
  return [...(pod.initContainers ?? []).map(plain(true)), ...pod.containers.map(plain(false))]
}

/** By number; names of ports are those of the container itself. */
function portsOf({ ports = [], readinessProbe, livenessProbe, startupProbe }: Container): number[] {
  const probed = [readinessProbe, livenessProbe, startupProbe].flatMap((probe) => [
    (probe?.httpGet ?? probe?.tcpSocket)?.port,
    probe?.grpc?.port,
  ])
  const own = ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP').map(({ containerPort }) => containerPort)
  return [...new Set([...own, ...probed.filter((port) => typeof port === 'number')])]
}

function preStopOf({ lifecycle }: Container): number {
  const { sleep, exec } = lifecycle?.preStop ?? {}
  if (sleep) return sleep.seconds
  const said = /(?:^|\s)sleep (\d+(?:\.\d+)?)s?\s*$/.exec((exec?.command ?? []).join(' '))
  return said ? Number(said[1]) : 0
}

function claimsOf(pod: PodSpec, claims: readonly Claim[]): Setting['claims'] {
  const names = (pod.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [])
  return [...new Set(names)].flatMap((name): Setting['claims'] => {
    const modes = claims.find(({ metadata }) => metadata?.name === name)?.spec?.accessModes ?? []
    if (modes.includes('ReadWriteOncePod')) return [{ name, mode: 'ReadWriteOncePod' }]
    const shared = modes.length === 0 || modes.some((mode) => mode !== 'ReadWriteOnce')
    return shared ? [] : [{ name, mode: 'ReadWriteOnce' }]
  })
}

/** Scaling changes these numbers, too, but leaves no pod of an older template. */
function olderOf(kind: WorkloadKind, { spec, status = {} }: WorkloadObject): Setting['older'] {
  const { type = 'RollingUpdate', rollingUpdate } = spec?.updateStrategy ?? {}
  const older = (of = 0, updated = 0) => (of > updated ? { pods: of - updated, of } : undefined)
  if (kind === 'Deployment') return older(status.replicas, status.updatedReplicas)
  // With a partition, and with OnDelete, old pods stay until a person says otherwise.
  if (type !== 'RollingUpdate' || (rollingUpdate?.partition ?? 0) > 0) return undefined
  if (kind === 'DaemonSet') return older(status.desiredNumberScheduled, status.updatedNumberScheduled)
  if (kind !== 'StatefulSet' || status.currentRevision === status.updateRevision) return undefined
  return older(status.replicas, status.updatedReplicas)
}

const repeated = /terraform|hashicorp|pulumi|kapp|fleet|spinnaker|crossplane|sveltos|config-?sync/i

/** Tools that apply the same again when they are run; Argo CD, Flux and Helm are told by more than this. */
function appliedByOf({ managedFields = [] }: ObjectMeta): string | undefined {
  return managedFields.find(
    ({ manager = '', fieldsV1, subresource }) =>
      repeated.test(manager) && !subresource && JSON.stringify(fieldsV1 ?? {}).includes('"f:image"'),
  )?.manager
}

function helmOf({ labels = {}, annotations = {} }: ObjectMeta): Pick<Setting, 'helm'> {
  const namespace = annotations['meta.helm.sh/release-namespace']
  const chart = labels['helm.sh/chart']
  if (annotations['meta.helm.sh/release-name'] === undefined) return {}
  return { helm: { ...(namespace === undefined ? {} : { namespace }), ...(chart === undefined ? {} : { chart }) } }
}
