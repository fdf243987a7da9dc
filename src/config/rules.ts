import { durationMs } from '../domain/text'
import type { Problem } from './problems'
import { alertProblems } from './alert-rules'
import { gitopsProblems } from './gitops'
import { approvalProblems } from './approval-rules'
import { healthProblems } from './health-rules'
import { hasReference } from './references'
import { serverProblems } from './server-rules'
import { filterProblems } from './strategy'
import { items, treeOf, type Tree } from './tree'
import { windowProblems } from './window-rules'
import { webhookProblems } from './webhook-rules'

type Path = (string | number)[]

/**
 * What concerns more than one value. Looks at the tree as it was read, whatever its shape, so that these problems are
 * named together with those that the schema finds. `raw` still has its `${NAME}` references.
 */
export function crossProblems(tree: unknown, raw: unknown): Problem[] {
  return [
    ...duplicateNames(items(tree, 'policies'), 'policies', 'name'),
    ...duplicateNames(items(tree, 'registries'), 'registries', 'host'),
    // Who a name or a Slack user is must not depend on who stands first.
    ...duplicateNames(items(tree, 'people'), 'people', 'name'),
    ...duplicateNames(items(tree, 'people'), 'people', 'slack'),
    ...duplicateNames(items(tree, 'hubs'), 'hubs', 'name'),
    ...items(tree, 'policies').flatMap((policy, index) => policyProblems(policy, ['policies', index])),
    ...windowProblems(tree),
    ...releaseProblems(treeOf(tree)),
    ...approvalProblems(tree, raw),
    ...alertProblems(items(tree, 'alerts'), items(raw, 'alerts')),
    ...items(raw, 'registries').flatMap((registry, index) => credentialProblems(registry, ['registries', index])),
    ...webhookProblems(items(tree, 'webhooks'), items(raw, 'webhooks')),
    ...serverProblems(treeOf(treeOf(tree).server), treeOf(treeOf(raw).server)),
  ]
}

function policyProblems(policy: Tree, path: Path): Problem[] {
  const freezes = items(policy, 'freezes').flatMap(({ from, to }, index): Problem[] =>
    typeof from === 'string' && typeof to === 'string' && from > to
      ? [{ path: [...path, 'freezes', index, 'to'], message: `must be the same day as from (${from}) or later` }]
      : [],
  )
  const filter = filterProblems(policy.strategy).map((problem) => ({
    ...problem,
    path: [...path, 'strategy', ...problem.path],
  }))
  return [
    ...freezes,
    ...filter,
    ...settleProblems(policy, path),
    ...gitopsProblems(policy, path),
    ...healthProblems(policy, path),
  ]
}

function settleProblems(policy: Tree, path: Path): Problem[] {
  const { for: settled, atMost = '14d' } = treeOf(policy.settle)
  if (typeof settled !== 'string' || typeof atMost !== 'string') return []
  const [least, most] = [durationMs(settled), durationMs(atMost)]
  return least !== undefined && most !== undefined && most < least
    ? [{ path: [...path, 'settle', 'atMost'], message: `must be at least as long as for (${settled})` }]
    : []
}

/** Hub releases mean nothing without the list of what belongs to them. */
function releaseProblems(tree: Tree): Problem[] {
  if ('billOfMaterials' in tree) return []
  const message = 'needs billOfMaterials, which says what belongs to a release'
  return [
    ...items(tree, 'supported').flatMap((entry, index): Problem[] =>
      'release' in entry ? [{ path: ['supported', index, 'release'], message }] : [],
    ),
    ...items(tree, 'policies').flatMap(({ strategy }, index): Problem[] =>
      strategy === 'release' ? [{ path: ['policies', index, 'strategy'], message }] : [],
    ),
  ]
}

/** A password in a file is read by whoever reads the file. */
function credentialProblems(registry: Tree, path: Path): Problem[] {
  const { password } = treeOf(treeOf(registry.auth).env)
  if (typeof password !== 'string' || hasReference(password)) return []
  const message = 'is a secret: put it into an environment variable and write "${NAME}" here'
  return [{ path: [...path, 'auth', 'env', 'password'], message, secret: true }]
}

function duplicateNames(list: Tree[], key: string, name: string): Problem[] {
  const seen = new Map<unknown, number>()
  return list.flatMap((item, index): Problem[] => {
    if (item[name] === undefined) return []
    const first = seen.get(item[name])
    if (first === undefined) {
      seen.set(item[name], index)
      return []
    }
    return [{ path: [key, index, name], message: `is the same as ${key}[${first}].${name}; each needs its own` }]
  })
}
