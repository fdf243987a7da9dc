import type { KubernetesNeed } from '../../clients/contracts'
import type { Policy } from '../../domain/policy'
import { type Check, ok } from './check'

/** What the policies make Refit do in each of their namespaces, and nothing beyond. */
export function needsByNamespace(policies: readonly Policy[]): Map<string, Set<KubernetesNeed>> {
  const needs = new Map<string, Set<KubernetesNeed>>()
  for (const policy of policies)
    for (const namespace of policy.select.namespaces) {
      const known = needs.get(namespace) ?? new Set()
      for (const need of needsOf(policy)) known.add(need)
      needs.set(namespace, known)
    }
  return needs
}

function needsOf({ mode, gitops, migrations, health }: Policy): KubernetesNeed[] {
  if (mode === 'watch') return ['look']
  const hasJobs = migrations.some(({ kind }) => kind === 'job') || health.some((check) => 'job' in check)
  const rehearses = migrations.some((each) => each.kind === 'job' && each.rehearse !== undefined)
  return [
    ...(['look', 'pods', 'logs'] as const),
    // With gitops an agent writes to the workloads.
    ...(gitops ? [] : (['patch'] as const)),
    ...(hasJobs ? (['jobs'] as const) : []),
    ...(health.some((check) => 'http' in check) ? (['proxy'] as const) : []),
    ...(rehearses ? (['rehearse'] as const) : []),
  ]
}

/** Namespaces with the same needs are asked about together. */
export function groupsOf(policies: readonly Policy[]): { namespaces: string[]; needs: KubernetesNeed[] }[] {
  const groups = new Map<string, { namespaces: string[]; needs: KubernetesNeed[] }>()
  for (const [namespace, set] of needsByNamespace(policies)) {
    const needs = [...set].sort()
    const known = groups.get(needs.join()) ?? { namespaces: [], needs }
    known.namespaces.push(namespace)
    groups.set(needs.join(), known)
  }
  return [...groups.values()]
}

const roles = [
  { role: 'refit-rehearse', needs: /^(patch jobs|create secrets|create networkpolicies) / },
  { role: 'refit-approve', needs: /^(patch|create|delete|get pods\/)/ },
  { role: 'refit-watch', needs: /./ },
]

/** What is lacking, and which of the roles in deploy/manifest brings it. */
export function rightsCheck(denied: readonly string[], words: string): Check {
  if (denied.length === 0) return ok('permissions', `all that ${words} needs`)
  const wanted = new Set(denied.map((right) => roles.find(({ needs }) => needs.test(right))?.role))
  const named = roles.map(({ role }) => role).filter((role) => wanted.has(role))
  return {
    name: 'permissions',
    state: 'fail',
    message: `not allowed: ${denied.join(', ')}`,
    next: `Bind ${named.length > 1 ? 'the roles' : 'the role'} ${named.reverse().join(' and ')} of deploy/manifest to the service account there (docs/operations.md, permissions).`,
  }
}
