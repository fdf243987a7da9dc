import pLimit from 'p-limit'
import { RefitError } from '../../domain/errors'
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
const approveRights = [
  ...watchRights,
  ...['deployments', 'statefulsets', 'daemonsets'].flatMap((each) => rights(['patch'], 'apps', each)),
  ...rights(['patch'], 'batch', 'cronjobs'),
  ...rights(['create', 'delete'], 'batch', 'jobs'),
  ...rights(['delete'], '', 'pods'),
  ...rights(['get'], '', 'pods', 'log'),
  ...rights(['get'], '', 'pods', 'proxy'),
]

/** And of role-rehearse.yaml. */
const rehearseRights = [
  ...approveRights,
  ...rights(['patch'], 'batch', 'jobs'),
  ...rights(['create'], '', 'secrets'),
  ...rights(['create'], 'networking.k8s.io', 'networkpolicies'),
]
const rightsOf = { watch: watchRights, approve: approveRights, rehearse: rehearseRights }

/** Reviews asked at the same time. */
const atOnce = 8

/** The server's version, and each right that the mode needs and these credentials lack: `patch deployments in hub`. */
export async function check(
  api: Api,
  namespaces: string[],
  mode: keyof typeof rightsOf,
): Promise<{ version: string; denied: string[] }> {
  const { gitVersion } = await api.json<{ gitVersion?: string }>({
    method: 'GET',
    path: '/version',
    doing: 'tell its version',
  })
  if (typeof gitVersion !== 'string')
    throw new RefitError(
      'KUBERNETES_INVALID',
      'What answers for Kubernetes has no version.',
      'Check the server that the kubeconfig names.',
    )
  const limit = pLimit(atOnce)
  const wanted = namespaces.flatMap((namespace) => rightsOf[mode].map((right) => ({ namespace, right })))
  const answers = await Promise.all(
    wanted.map(({ namespace, right }) =>
      limit(async () => ((await isAllowed(api, namespace, right)) ? [] : [`${nameOf(right)} in ${namespace}`])),
    ),
  )
  return { version: gitVersion, denied: answers.flat() }
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
