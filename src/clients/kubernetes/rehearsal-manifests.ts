import type { RehearsalSpec } from '../contracts'
import { jobContainer, labelValue, managedBy } from './job-manifest'
import { templateOf } from './kinds'
import type { Job, NetworkPolicy, ObjectMeta, Secret, WorkloadObject } from './wire'

/** Every object of a rehearsal has it, with the rehearsal's name. */
export const rehearsalLabel = 'refit.dev/rehearsal'

/** A Job that nobody removed goes by itself so long after its end, and takes Secret and NetworkPolicy along. */
const keptSeconds = 600
const secretKey = 'url'

/**
 * The Job of an image before anybody has approved it. It gets the copy's address and nothing else of the hub: no other
 * variable, no token, no volume, no right that Linux knows, and bounds on all that it uses. Suspended until the objects
 * around it are there.
 */
export function rehearsalJob(rehearsal: RehearsalSpec, workload: WorkloadObject | undefined): Job {
  const { command, image, deadlineMs, env, name, hosts, like } = rehearsal
  const spec = workload && templateOf(workload)?.spec
  const container = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].find(
    (each) => each.name === like.container,
  )
  const labels = labelsOf(rehearsal)
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadataOf(rehearsal),
    spec: {
      ...{ suspend: true, backoffLimit: 0, completions: 1, parallelism: 1, ttlSecondsAfterFinished: keptSeconds },
      activeDeadlineSeconds: Math.max(1, Math.ceil(deadlineMs / 1000)),
      template: {
        metadata: { labels },
        spec: {
          ...{ restartPolicy: 'Never', automountServiceAccountToken: false, enableServiceLinks: false },
          ...{ hostNetwork: false, hostPID: false, hostIPC: false, shareProcessNamespace: false },
          // By the file of hosts alone: the policy lets no question to a DNS server out.
          hostAliases: Object.entries(hosts).map(([hostname, ip]) => ({ ip, hostnames: [hostname] })),
          // Names only: the node pulls with them, the container never sees them.
          imagePullSecrets: spec?.imagePullSecrets,
          ...{ nodeSelector: spec?.nodeSelector, tolerations: spec?.tolerations },
          securityContext: { ...userOf(spec?.securityContext), seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: jobContainer,
              ...{ image, command, workingDir: container?.workingDir },
              env: [{ name: env, valueFrom: { secretKeyRef: { name, key: secretKey } } }],
              resources: {
                // Without a number a limit is a request, too.
                requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '0' },
                limits: { cpu: '1', memory: '512Mi', 'ephemeral-storage': '1Gi' },
              },
              securityContext: {
                ...userOf(container?.securityContext),
                ...{ allowPrivilegeEscalation: false, privileged: false, capabilities: { drop: ['ALL'] } },
              },
            },
          ],
        },
      },
    },
  }
}

/** The address goes this way alone: it stands in no pod, no Job and no history. */
export function rehearsalSecret(rehearsal: RehearsalSpec, owner: ObjectMeta): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    immutable: true,
    metadata: { ...metadataOf(rehearsal), ownerReferences: [ownerOf(owner)] },
    stringData: { [secretKey]: rehearsal.url },
  }
}

/** Nobody comes in, and nothing goes out but to the copy. */
export function rehearsalPolicy(rehearsal: RehearsalSpec, owner: ObjectMeta): NetworkPolicy {
  const { addresses, port, name } = rehearsal
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { ...metadataOf(rehearsal), ownerReferences: [ownerOf(owner)] },
    spec: {
      podSelector: { matchLabels: { [rehearsalLabel]: labelValue(name) } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [
        {
          to: addresses.map((address) => ({ ipBlock: { cidr: `${address}/${address.includes(':') ? 128 : 32}` } })),
          ports: [{ protocol: 'TCP', port }],
        },
      ],
    },
  }
}

const metadataOf = (rehearsal: RehearsalSpec) => ({
  ...{ name: rehearsal.name, namespace: rehearsal.namespace },
  labels: labelsOf(rehearsal),
})

const labelsOf = ({ name, labels }: RehearsalSpec): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, labelValue(value)])),
  [managedBy.key]: managedBy.value,
  [rehearsalLabel]: labelValue(name),
})

const ownerOf = ({ name = '', uid = '' }: ObjectMeta) => ({
  ...{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true, blockOwnerDeletion: false },
})

interface User {
  runAsUser?: number
  runAsGroup?: number
  runAsNonRoot?: boolean
}

const userOf = ({ runAsUser, runAsGroup, runAsNonRoot }: User = {}): User => ({ runAsUser, runAsGroup, runAsNonRoot })
