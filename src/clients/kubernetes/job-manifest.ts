import { RefitError } from '../../domain/errors'
import type { JobSpec } from '../contracts'
import { kindOf, templateOf } from './kinds'
import type { Container, Job, PodTemplate, WorkloadObject } from './wire'

export const managedBy = { key: 'app.kubernetes.io/managed-by', value: 'refit' } as const
/** The one container of every Job. */
export const jobContainer = 'refit'

type PodSpec = NonNullable<PodTemplate['spec']>

/**
 * The Job with this command in the surroundings of the workload's container. None of the workload's labels are copied:
 * a Service object that selects by them would send requests to the Job. It runs once (no retries, no restarts) and stays
 * until it is deleted, so that its result can be read at any time.
 */
export function jobManifest(job: JobSpec, workload: WorkloadObject): Job {
  const spec = templateOf(workload)?.spec
  const container = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find(
    ({ name }) => name === job.like.container,
  )
  if (!spec || !container)
    throw new RefitError(
      'KUBERNETES_NOT_FOUND',
      `${kindOf(workload)} ${job.namespace}/${job.like.workload} has no container ${job.like.container}.`,
      'Run refit scan for a new plan of what runs now.',
    )
  const labels = { ...labelsOf(job.labels), [managedBy.key]: managedBy.value }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: job.name, namespace: job.namespace, labels },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: Math.max(1, Math.ceil(job.deadlineMs / 1000)),
      template: { metadata: { labels }, spec: podSpec(job, spec, container) },
    },
  }
}

function podSpec(job: JobSpec, spec: PodSpec, container: Container): PodSpec {
  const { env, envFrom, volumeMounts, volumeDevices, resources, workingDir, imagePullPolicy, securityContext } =
    container
  const mounted = new Set([...(volumeMounts ?? []), ...(volumeDevices ?? [])].map(({ name }) => name))
  const volumes = spec.volumes?.filter(({ name }) => mounted.has(name))
  const { imagePullSecrets, serviceAccountName, automountServiceAccountToken, nodeSelector, tolerations } = spec
  const { dnsPolicy, dnsConfig, hostAliases, enableServiceLinks, priorityClassName, runtimeClassName } = spec
  const nodeAffinity = spec.affinity?.nodeAffinity
  return {
    restartPolicy: 'Never',
    ...{ imagePullSecrets, serviceAccountName, automountServiceAccountToken, nodeSelector, tolerations, volumes },
    ...{ dnsPolicy, dnsConfig, hostAliases, enableServiceLinks, priorityClassName, runtimeClassName },
    securityContext: spec.securityContext,
    ...(nodeAffinity ? { affinity: { nodeAffinity } } : {}),
    containers: [
      {
        name: jobContainer,
        image: job.image,
        command: job.command,
        ...{ env, envFrom, volumeMounts, volumeDevices, resources, workingDir, imagePullPolicy, securityContext },
      },
    ],
  }
}

const labelsOf = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, labelValue(value)]))

/** At most 63 letters, digits and `-_.`, with a letter or digit at both ends. */
export const labelValue = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9_.-]/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
