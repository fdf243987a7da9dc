import pLimit from 'p-limit'
import { RefitError } from '../../domain/errors'
import type { KubernetesNeed } from '../contracts'
import type { Api } from './api'

interface Right {
  verb: string
  group: string
  resource: string
  subresource?: string
}

const read = ['get', 'list', 'watch']
const rights = (verbs: string[], group: string, resource: string, subresource?: string): Right[] =>
  verbs.map((verb) => ({ verb, group, resource, subresource }))

/** The rules of deploy/manifest/role-watch.yaml and role-approve.yaml. */
const watchRights = [
  ...['deployments', 'statefulsets', 'daemonsets', 'replicasets', 'controllerrevisions'].flatMap((each) =>
    rights(read, 'apps', each),
  ),
  ...rights(read, 'batch', 'cronjobs'),
  ...rights(read, 'batch', 'jobs'),
  ...rights(read, '', 'pods'),
  ...rights(read, '', 'events'),
  ...['resourcequotas', 'limitranges', 'persistentvolumeclaims', 'services'].flatMap((each) =>
    rights(['list'], '', each),
  ),
  ...rights(['list'], 'policy', 'poddisruptionbudgets'),
  ...rights(['list'], 'autoscaling', 'horizontalpodautoscalers'),
]
/** Beyond looking, of role-approve.yaml and, for `rehearse`, role-rehearse.yaml. */
const rightsFor: Record<KubernetesNeed, Right[]> = {
  look: watchRights,
  patch: [
    ...['deployments', 'statefulsets', 'daemonsets'].flatMap((each) => rights(['patch'], 'apps', each)),
    ...rights(['patch'], 'batch', 'cronjobs'),
  ],
  jobs: rights(['create', 'delete'], 'batch', 'jobs'),
  pods: rights(['delete'], '', 'pods'),
  logs: rights(['get'], '', 'pods', 'log'),
  proxy: rights(['get'], '', 'pods', 'proxy'),
  rehearse: [
    ...rights(['patch'], 'batch', 'jobs'),
    ...rights(['create'], '', 'secrets'),
    ...rights(['create'], 'networking.k8s.io', 'networkpolicies'),
  ],
}
const acting: KubernetesNeed[] = ['look', 'patch', 'jobs', 'pods', 'logs', 'proxy']
const needsOf = { watch: ['look'], approve: acting, rehearse: [...acting, 'rehearse'] } satisfies Record<
  string,
  KubernetesNeed[]
>

/** Reviews asked at the same time. */
const atOnce = 8

/**
 * The server's version and clock, and each right that these needs (or a whole mode) take and these credentials lack:
 * `patch deployments in hub`.
 */
export async function check(
  api: Api,
  namespaces: readonly string[],
  needs: keyof typeof needsOf | readonly KubernetesNeed[],
): Promise<{ version: string; denied: string[]; at: Date | null }> {
  const { gitVersion, at } = await versionOf(api)
  const limit = pLimit(atOnce)
  const asked = typeof needs === 'string' ? needsOf[needs] : needs
  const wanted = namespaces.flatMap((namespace) =>
    asked.flatMap((need) => rightsFor[need].map((right) => ({ namespace, right }))),
  )
  const answers = await Promise.all(
    wanted.map(({ namespace, right }) =>
      limit(async () => ((await isAllowed(api, namespace, right)) ? [] : [`${nameOf(right)} in ${namespace}`])),
    ),
  )
  return { version: gitVersion, denied: answers.flat(), at }
}

async function versionOf(api: Api): Promise<{ gitVersion: string; at: Date | null }> {
  const call = { method: 'GET', path: '/version', doing: 'tell its version' } as const
  const { gitVersion } = await api.json<{ gitVersion?: string }>(call)
  if (typeof gitVersion !== 'string')
    throw new RefitError(
      'KUBERNETES_INVALID',
      'What answers for Kubernetes has no version.',
      'Check the server that the kubeconfig names.',
    )
  // The first request may take its time to connect; the clock is read from one that doesn't.
  const { date } = (await api.send(call)).headers
  const at = date === undefined ? Number.NaN : Date.parse(date)
  return { gitVersion, at: Number.isNaN(at) ? null : new Date(at) }
}

const nameOf = ({ verb, resource, subresource }: Right): string =>
  `${verb} ${resource}${subresource ? `/${subresource}` : ''}`

async function isAllowed(api: Api, namespace: string, right: Right): Promise<boolean> {
  const review = await api.json<{ status?: { allowed?: boolean } }>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { namespace, ...right } },
    },
    doing: `tell whether these credentials may ${nameOf(right)}`,
  })
  return review.status?.allowed === true
}
