import pLimit from 'p-limit'
import { RefitError } from '../../domain/errors'
import type { KubernetesRight } from '../../domain/permissions'
import { singleFlight } from '../registry/single-flight'
import type { Api } from './api'

/** Reviews asked at the same time. */
const atOnce = 8
/** Upgrades of one namespace that start together ask once. */
const keptMs = 1_000

/** The server's version and its clock, to the second. */
export async function versionOf(api: Api): Promise<{ version: string; at: Date | null }> {
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
  return { version: gitVersion, at: Number.isNaN(at) ? null : new Date(at) }
}

/**
 * Which of these rights the credentials lack. All that RBAC gives in a namespace comes with one review; what isn't in it is
 * asked by itself, because another authorizer may give it.
 */
export function deniedReader(api: Api) {
  const flights = singleFlight<Rule[]>()
  const kept = new Map<string, { at: number; rules: Rule[] }>()
  const rulesIn = async (namespace: string, signal?: AbortSignal): Promise<Rule[]> => {
    const known = kept.get(namespace)
    if (known && Date.now() - known.at < keptMs) return known.rules
    const at = Date.now()
    const rules = await flights(namespace, signal, (shared) => readRules(api, namespace, shared))
    for (const [each, { at: then }] of kept) if (at - then >= keptMs) kept.delete(each)
    kept.set(namespace, { at, rules })
    return rules
  }
  return async (
    namespace: string | undefined,
    rights: readonly KubernetesRight[],
    signal?: AbortSignal,
  ): Promise<KubernetesRight[]> => {
    const rules = namespace === undefined ? [] : await rulesIn(namespace, signal)
    const limit = pLimit(atOnce)
    const open = rights.filter((right) => !rules.some((rule) => gives(rule, right)))
    const answers = await Promise.all(
      open.map((right) => limit(async () => ((await isAllowed(api, namespace, right)) ? [] : [right]))),
    )
    return answers.flat()
  }
}

interface Rule {
  verbs?: string[]
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
}

const authorization = '/apis/authorization.k8s.io/v1'

async function readRules(api: Api, namespace: string, signal: AbortSignal): Promise<Rule[]> {
  const review = await api.json<{ status?: { resourceRules?: Rule[] } }>({
    method: 'POST',
    path: `${authorization}/selfsubjectrulesreviews`,
    body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } },
    signal,
    doing: `tell what these credentials may do in ${namespace}`,
  })
  return review.status?.resourceRules ?? []
}

function gives(
  { verbs = [], apiGroups = [], resources = [], resourceNames = [] }: Rule,
  right: KubernetesRight,
): boolean {
  if (resourceNames.length > 0) return false
  const { verb, group, resource } = right
  const [, subresource] = resource.split('/')
  const named = [resource, '*', ...(subresource === undefined ? [] : [`*/${subresource}`])]
  return (
    [verb, '*'].some((each) => verbs.includes(each)) &&
    [group, '*'].some((each) => apiGroups.includes(each)) &&
    named.some((each) => resources.includes(each))
  )
}

async function isAllowed(api: Api, namespace: string | undefined, right: KubernetesRight): Promise<boolean> {
  const { verb, group } = right
  const [resource, subresource] = right.resource.split('/')
  const review = await api.json<{ status?: { allowed?: boolean } }>({
    method: 'POST',
    path: `${authorization}/selfsubjectaccessreviews`,
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { namespace, verb, group, resource, subresource } },
    },
    doing: `tell whether these credentials may ${verb} ${right.resource}`,
  })
  return review.status?.allowed === true
}
