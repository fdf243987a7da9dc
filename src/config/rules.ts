import { durationMs } from '../domain/text'
import type { Problem } from './problems'
import { hasReference } from './references'
import { filterProblems } from './strategy'
import { isLoopback } from './values'
import { webhookProblems } from './webhook-rules'

type Path = (string | number)[]
type Tree = Record<string, unknown>

/**
 * What concerns more than one value. Looks at the tree as it was read, whatever its shape, so that these problems are
 * named together with those that the schema finds. `raw` still has its `${NAME}` references.
 */
export function crossProblems(tree: unknown, raw: unknown): Problem[] {
  return [
    ...duplicateNames(items(tree, 'policies'), 'policies', 'name'),
    ...duplicateNames(items(tree, 'registries'), 'registries', 'host'),
    ...items(tree, 'policies').flatMap((policy, index) => policyProblems(policy, ['policies', index])),
    ...releaseProblems(treeOf(tree)),
    ...items(tree, 'alerts').flatMap((alert, index) => alertProblems(alert, ['alerts', index])),
    ...items(raw, 'registries').flatMap((registry, index) => credentialProblems(registry, ['registries', index])),
    ...items(raw, 'alerts').flatMap((alert, index) => secretProblems(alert, ['alerts', index])),
    ...webhookProblems(items(tree, 'webhooks'), items(raw, 'webhooks')),
  ]
}

function policyProblems(policy: Tree, path: Path): Problem[] {
  const approval = treeOf(policy.approval)
  const required = approval.required ?? (policy.mode === 'automatic' ? 0 : 1)
  const asks = (policy.mode === 'approve' || policy.mode === 'automatic') && required === 1
  const unverified: Problem[] =
    asks && approval.unverified !== 'accept'
      ? [
          {
            path: [...path, 'approval', 'unverified'],
            message:
              'must be accept while an approval is required, so write approval: { unverified: accept }: this version cannot verify the name that comes with an approval, and refusing unverified names would refuse every approval',
          },
        ]
      : []
  const freezes = items(policy, 'freezes').flatMap(({ from, to }, index): Problem[] =>
    typeof from === 'string' && typeof to === 'string' && from > to
      ? [{ path: [...path, 'freezes', index, 'to'], message: `must be the same day as from (${from}) or later` }]
      : [],
  )
  const filter = filterProblems(policy.strategy).map((problem) => ({
    ...problem,
    path: [...path, 'strategy', ...problem.path],
  }))
  return [...unverified, ...freezes, ...filter, ...settleProblems(policy, path)]
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

function alertProblems(alert: Tree, path: Path): Problem[] {
  const problems: Problem[] = []
  const [slack, webhook] = ['slack' in alert, 'webhook' in alert]
  if (slack === webhook) problems.push({ path, message: 'needs either slack or webhook' })
  if (slack && 'signedWith' in alert)
    problems.push({ path: [...path, 'signedWith'], message: 'is for a webhook; Slack checks no signature' })
  if (webhook && 'format' in alert)
    problems.push({ path: [...path, 'format'], message: 'is for slack; a webhook always gets JSON' })
  return problems
}

/** Whoever has a Slack webhook URL can post there, so it is as secret as a key. */
function secretProblems(alert: Tree, path: Path): Problem[] {
  const problems: Problem[] = []
  const mustRefer = (key: string): void => {
    const message = 'is a secret: put it into an environment variable and write "${NAME}" here'
    problems.push({ path: [...path, key], message, secret: true })
  }
  if (typeof alert.slack === 'string' && !hasReference(alert.slack) && !isLoopback(hostOf(alert.slack)))
    mustRefer('slack')
  if (typeof alert.signedWith === 'string' && !hasReference(alert.signedWith)) mustRefer('signedWith')
  return problems
}

/** A password in a file is read by whoever reads the file. */
function credentialProblems(registry: Tree, path: Path): Problem[] {
  const { password } = treeOf(treeOf(registry.auth).env)
  if (typeof password !== 'string' || hasReference(password)) return []
  const message = 'is a secret: put it into an environment variable and write "${NAME}" here'
  return [{ path: [...path, 'auth', 'env', 'password'], message, secret: true }]
}

function hostOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return ''
  }
}

function duplicateNames(list: Tree[], key: string, name: string): Problem[] {
  const seen = new Map<unknown, number>()
  return list.flatMap((item, index): Problem[] => {
    const first = seen.get(item[name])
    if (first === undefined) {
      seen.set(item[name], index)
      return []
    }
    return item[name] === undefined
      ? []
      : [{ path: [key, index, name], message: `is the same as ${key}[${first}].${name}; each needs its own` }]
  })
}

const treeOf = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {}

function items(tree: unknown, key: string): Tree[] {
  const list = treeOf(tree)[key]
  return Array.isArray(list) ? list.map(treeOf) : []
}
