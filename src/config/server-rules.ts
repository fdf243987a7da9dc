import { isLoopback } from '../domain/address'
import { anybody } from '../domain/people'
import type { Problem } from './problems'
import { hasReference } from './references'
import { treeOf, type Tree } from './tree'

/** What concerns the HTTP server and its OIDC provider; no message shows a secret. `raw` still has its `${NAME}` references. */
export function serverProblems(server: Tree, raw: Tree): Problem[] {
  const problems = originProblems(server.url, ['server', 'url'])
  if (!('oidc' in server)) return problems
  const oidc = treeOf(server.oidc)
  if (server.url === undefined)
    problems.push({ path: ['server', 'url'], message: 'is needed for oidc: the provider sends people back to it' })
  problems.push(...schemeProblems(oidc.issuer, ['server', 'oidc', 'issuer']))
  if (typeof oidc.clientSecret === 'string' && !hasReference(treeOf(raw.oidc).clientSecret))
    problems.push({
      path: ['server', 'oidc', 'clientSecret'],
      message: 'is a secret: put it into an environment variable and write "${NAME}" here',
      secret: true,
    })
  if (oidc.audience !== undefined && oidc.audience === oidc.clientId)
    problems.push({
      path: ['server', 'oidc', 'audience'],
      message: 'must not be the clientId: else ID tokens, which any page of this client sees, would be access tokens',
    })
  const { admin, operator } = treeOf(oidc.scopes)
  for (const [scope, groups] of Object.entries({ admin, operator }))
    if (Array.isArray(groups) && groups.includes(anybody))
      problems.push({ path: ['server', 'oidc', 'scopes', scope], message: 'must name groups: "*" is everybody' })
  return problems
}

/** Only an origin: the page, the API and the cookie live at its root. */
function originProblems(value: unknown, path: Problem['path']): Problem[] {
  const parsed = urlOf(value)
  if (!parsed) return []
  return parsed.pathname === '/' && !parsed.search && !parsed.hash && !parsed.username
    ? schemeProblems(value, path)
    : [{ path, message: 'must have no path: Refit lives at the root of its host' }]
}

function schemeProblems(value: unknown, path: Problem['path']): Problem[] {
  const parsed = urlOf(value)
  return !parsed || parsed.protocol !== 'http:' || isLoopback(parsed.host)
    ? []
    : [{ path, message: 'must be https: what goes there must not be read on its way' }]
}

function urlOf(value: unknown): URL | undefined {
  return typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
}
