import { namesPods } from '../domain/health-query'
import type { Problem } from './problems'
import { hasReference } from './references'
import { items, type Tree } from './tree'

type Path = (string | number)[]

/** What concerns more than one value of a policy's health checks, and their secrets. */
export const healthProblems = (policy: Tree, path: Path): Problem[] =>
  items(policy, 'health').flatMap((check, index) => {
    const at = [...path, 'health', index]
    return [...boundProblems(check, at), ...loginProblems(check, at)]
  })

function boundProblems({ prometheus, query, max, min, worse }: Tree, path: Path): Problem[] {
  if (prometheus === undefined) return []
  const given = (value: unknown): boolean => value !== undefined
  if (![max, min, worse].some(given)) return [{ path, message: 'needs max, min or worse: what is bad' }]
  if (!given(worse))
    return typeof max === 'number' && typeof min === 'number' && min > max
      ? [{ path: [...path, 'min'], message: `must be no more than max (${max})` }]
      : []
  if (given(max) && given(min)) return [{ path, message: 'can have max or min beside worse, not both' }]
  if (typeof query === 'string' && namesPods(query))
    return [
      { path: [...path, 'query'], message: "can't name $pods beside worse: before the upgrade there were other pods" },
    ]
  return []
}

/** Whoever reads the file would read the password. */
function loginProblems(check: Tree, path: Path): Problem[] {
  return ['url', 'prometheus'].flatMap((key): Problem[] => {
    const value = check[key]
    if (typeof value !== 'string' || hasReference(value) || !URL.canParse(value)) return []
    const { username, password } = new URL(value)
    if (username === '' && password === '') return []
    const message = 'holds a login: put the URL into an environment variable and write "${NAME}" here'
    return [{ path: [...path, key], message, secret: true }]
  })
}
