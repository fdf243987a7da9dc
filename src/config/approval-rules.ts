import { expressionProblem } from '../domain/tag-filter'
import type { Problem } from './problems'
import { hasReference } from './references'
import { items, texts, treeOf, type Tree } from './tree'

/** What must fit together so that an approval can be given at all. `raw` still has its `${NAME}` references. */
export function approvalProblems(tree: unknown, raw: unknown): Problem[] {
  const groups = new Set(items(tree, 'people').flatMap((person) => texts(person, 'groups')))
  const hubs = new Set(items(tree, 'hubs').map(({ name }) => name))
  // The provider knows groups of its own, which nobody can list here.
  const isOpen = 'oidc' in treeOf(treeOf(tree).server)
  return [
    ...items(tree, 'policies').flatMap((policy, index) => policyProblems(policy, index, { groups, hubs, isOpen })),
    ...tokenProblems(items(raw, 'hubs')),
  ]
}

interface Known {
  groups: ReadonlySet<string>
  hubs: ReadonlySet<unknown>
  /** there may be other groups */
  isOpen: boolean
}

function policyProblems(policy: Tree, index: number, { groups, hubs, isOpen }: Known): Problem[] {
  const path = ['policies', index]
  const approval = treeOf(policy.approval)
  const nobody = (name: string) => `names the group ${name}, which nobody of people is in`
  const problems = texts(approval, 'groups').flatMap((name, position): Problem[] =>
    isOpen || groups.has(name) ? [] : [{ path: [...path, 'approval', 'groups', position], message: nobody(name) }],
  )
  const { emergency } = policy
  if (typeof emergency === 'string' && !isOpen && !groups.has(emergency))
    problems.push({ path: [...path, 'emergency'], message: nobody(emergency) })
  const { from } = treeOf(policy.promote)
  if (typeof from === 'string' && !hubs.has(from))
    problems.push({ path: [...path, 'promote', 'from'], message: `names ${from}, which is none of hubs` })
  const { required = 1, unverified, makerChecker } = approval
  const asksMore = (typeof required === 'number' && required > 1) || makerChecker === true || 'groups' in approval
  if (unverified === 'accept' && asksMore)
    problems.push({
      path: [...path, 'approval', 'unverified'],
      message:
        'must be refuse here: unverified names count neither toward more than one approval, nor groups, nor makerChecker',
    })
  const { pattern } = treeOf(approval.changeReference)
  const wrong = typeof pattern === 'string' && pattern !== '' ? expressionProblem(pattern) : undefined
  if (wrong !== undefined) problems.push({ path: [...path, 'approval', 'changeReference', 'pattern'], message: wrong })
  return problems
}

function tokenProblems(hubs: Tree[]): Problem[] {
  return hubs.flatMap(({ token }, index): Problem[] =>
    typeof token === 'string' && !hasReference(token)
      ? [
          {
            path: ['hubs', index, 'token'],
            message: 'is a secret: put it into an environment variable and write "${NAME}" here',
            secret: true,
          },
        ]
      : [],
  )
}
