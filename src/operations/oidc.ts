import type { Claims } from '../clients/oidc-contracts'
import type { Config } from '../config'
import { RefitError } from '../domain/errors'
import { type Person, scopeOfGroups } from '../domain/people'
import { clean } from '../domain/text'
import { personOfGroups } from './sessions'

export type { Claims, LoginAttempt, OidcProvider } from '../clients/oidc-contracts'

type Rules = Pick<Config, 'people' | 'server'>

/** A name that no approval could carry would never be counted. */
const longestName = 200
/** More than any directory tells; what is beyond counts for nothing. */
const mostGroups = 1_000

/**
 * Who this is for Refit, and the groups that the provider told. UNAUTHENTICATED where it tells no name, or an e-mail address that
 * nobody confirmed; FORBIDDEN for somebody who is in none of the groups that may do anything.
 */
export function personOfClaims(config: Rules, claims: Claims): { person: Person; groups: string[] } {
  const { oidc } = config.server
  if (!oidc) throw new RefitError('ROUTE_UNKNOWN', 'Refit has no OIDC provider.', 'Write server.oidc into refit.yaml.')
  const name = nameOf(claims, oidc.nameClaim)
  const groups = groupsIn(claims[oidc.groupsClaim])
  const person = scopeOfGroups(oidc.scopes, groups) && personOfGroups(config, name, groups)
  if (person) return { person, groups }
  throw new RefitError(
    'FORBIDDEN',
    `${name} is in none of the groups that may use this Refit.`,
    'Whoever runs it says in server.oidc.scopes of refit.yaml which groups of the provider may do what.',
  )
}

function nameOf(claims: Claims, nameClaim: string): string {
  const { [nameClaim]: name, email_verified: isVerified } = claims
  if (typeof name !== 'string' || !name || name !== clean(name, longestName))
    throw refused(`it tells no ${nameClaim}`, 'Check nameClaim and requestScopes of server.oidc in refit.yaml.')
  if (nameClaim === 'email' && isVerified === false)
    throw refused(`it has not confirmed that ${name} is your address`, 'Confirm it there, then log in again.')
  return name
}

/** A list of words; some providers tell a single one without a list. */
function groupsIn(told: unknown): string[] {
  const list: unknown[] = Array.isArray(told) ? told : [told]
  return list.filter((each) => typeof each === 'string' && each !== '').slice(0, mostGroups) as string[]
}

const refused = (why: string, next: string): RefitError =>
  new RefitError('UNAUTHENTICATED', `The OIDC provider does not say who you are: ${why}.`, next)
