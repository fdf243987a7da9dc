import {
  clusterRules,
  type KubernetesNeed,
  type KubernetesRule,
  needsByNamespace,
  rightsIn,
  rulesFor,
} from '../../domain/permissions'
import type { Config } from '../../config'

/** Under whose names Refit runs, and what it gets beyond its policies. */
export interface Accounts {
  /** namespace of the service accounts */
  namespace: string
  worker: string
  server: string
  /** the server may look, too: for rollback and resolve over HTTP */
  serverLooks: boolean
  /** Secrets that workloads name in imagePullSecrets; read by these names only */
  pullSecrets: readonly string[]
  /** nodes and neighbours, which belong to no namespace */
  cluster: boolean
}

/** One rule as RBAC writes it. */
export interface RoleRule {
  apiGroups: string[]
  resources: string[]
  resourceNames?: string[]
  verbs: string[]
}

/** What one account gets in one namespace. */
export interface Grant {
  account: 'worker' | 'server'
  namespace: string
  rules: RoleRule[]
}

/** Resources with the same verbs together, verbs of a resource together: the shortest list that is the same. */
export function compact(rules: readonly Pick<KubernetesRule, 'group' | 'resources' | 'verbs'>[]): RoleRule[] {
  const verbsOf = new Map<string, { group: string; resource: string; verbs: Set<string> }>()
  for (const { group, resource, verb } of rightsIn(rules)) {
    const one = verbsOf.get(`${group}/${resource}`) ?? { group, resource, verbs: new Set() }
    verbsOf.set(`${group}/${resource}`, { ...one, verbs: one.verbs.add(verb) })
  }
  const together = new Map<string, RoleRule>()
  for (const { group, resource, verbs } of verbsOf.values()) {
    const key = `${group} ${[...verbs].sort().join()}`
    const rule = together.get(key) ?? { apiGroups: [group], resources: [], verbs: [...verbs] }
    rule.resources.push(resource)
    together.set(key, rule)
  }
  return [...together.values()]
}

const looking: ReadonlySet<KubernetesNeed> = new Set(['scan', 'around', 'upgrade'])

/** By account and namespace, from what refit.yaml makes Refit do. */
export function grantsFor(
  { policies, registries }: Pick<Config, 'policies' | 'registries'>,
  { serverLooks, pullSecrets }: Pick<Accounts, 'serverLooks' | 'pullSecrets'>,
): Grant[] {
  const needs = needsByNamespace(policies)
  const secrets = secretsByNamespace(registries, pullSecrets, [...needs.keys()])
  const namespaces = [...new Set([...needs.keys(), ...secrets.keys()])]
  const worker = namespaces.map((namespace) => ({
    ...{ account: 'worker' as const, namespace },
    rules: [...compact(rulesFor(needs.get(namespace) ?? [])), ...secretRule(secrets.get(namespace))],
  }))
  if (!serverLooks) return worker
  return [
    ...worker,
    ...namespaces.map((namespace) => ({
      ...{ account: 'server' as const, namespace },
      rules: [
        ...compact(
          rulesFor([...(needs.get(namespace) ?? [])].filter((need) => looking.has(need))).flatMap((rule) =>
            // It looks once and follows nothing.
            rule.verbs.includes('watch') || rule.resources.includes('events') ? [] : [rule],
          ),
        ),
        ...secretRule(secrets.get(namespace)),
      ],
    })),
  ]
}

function secretsByNamespace(
  registries: Config['registries'],
  pullSecrets: readonly string[],
  watched: readonly string[],
): Map<string, string[]> {
  const secrets = new Map<string, string[]>()
  const add = (namespace: string, names: readonly string[]): void =>
    void secrets.set(namespace, [...new Set([...(secrets.get(namespace) ?? []), ...names])])
  for (const { auth } of registries) if (auth?.kind === 'secretRef') add(auth.namespace, [auth.name])
  if (pullSecrets.length > 0) for (const namespace of watched) add(namespace, pullSecrets)
  return secrets
}

const secretRule = (names: readonly string[] | undefined): RoleRule[] =>
  names ? [{ apiGroups: [''], resources: ['secrets'], resourceNames: [...names], verbs: ['get'] }] : []

const rbac = 'rbac.authorization.k8s.io'

/** Service accounts, Roles and bindings, ready for kubectl apply. */
export function manifestsOf(grants: readonly Grant[], accounts: Accounts): object[] {
  const { namespace, worker, server, cluster } = accounts
  const account = (name: string, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace },
    ...more,
  })
  const subjectsOf = (name: string) => [{ kind: 'ServiceAccount', name, namespace }]
  const nameOf = { worker, server }
  return [
    account(worker),
    account(server, accounts.serverLooks ? {} : { automountServiceAccountToken: false }),
    ...grants.flatMap(({ account: who, namespace: where, rules }) => {
      const metadata = { name: nameOf[who], namespace: where }
      return [
        { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules },
        {
          ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata },
          roleRef: { apiGroup: rbac, kind: 'Role', name: nameOf[who] },
          subjects: subjectsOf(nameOf[who]),
        },
      ]
    }),
    ...(cluster ? clusterManifests(worker, subjectsOf(worker)) : []),
  ]
}

function clusterManifests(name: string, subjects: object[]): object[] {
  return [
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules: compact(clusterRules) },
    {
      ...{ apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name } },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects,
    },
  ]
}
