import type { Config } from '../../config'
import { includesScope, peopleMissing, type KnownPerson } from '../../domain/people'
import type { Policy } from '../../domain/policy'
import type { Store, TokenRow } from '../../store/contracts'
import { stateOf } from '../tokens'
import { type Check, ok } from './check'

/** Whether those who would have to approve could: by a live token, or by Slack's buttons. A check per policy that asks in vain. */
export function checkApprovals(
  config: Pick<Config, 'policies' | 'people' | 'alerts'>,
  tokens: readonly TokenRow[],
  now: Date,
): Check[] {
  const asking = config.policies.filter(asksVerified)
  if (asking.length === 0) return []
  const able = ableOf(config, tokens, now)
  const stuck = asking.flatMap((policy): Check[] => {
    const missing = peopleMissing(policy.approval, able)
    return missing === 0 ? [] : [cannot(policy, missing)]
  })
  return stuck.length > 0 ? stuck : [ok('approvals', `${able.length} people with a token or in Slack can give them`)]
}

/** The same over the store. */
export async function lookAtApprovals(config: Config, store: Pick<Store, 'tokens'>, now: Date): Promise<Check[]> {
  if (!config.policies.some(asksVerified)) return []
  // Who is in its groups only the provider knows.
  if (config.server.oidc) return [ok('approvals', 'people log in at the OIDC provider')]
  return checkApprovals(config, await store.tokens.list(), now)
}

const asksVerified = ({ mode, approval }: Policy): boolean =>
  mode !== 'watch' && approval.required > 0 && approval.unverified === 'refuse'

/** Each person once, however many ways they have. */
function ableOf(
  { people, alerts }: Pick<Config, 'people' | 'alerts'>,
  tokens: readonly TokenRow[],
  now: Date,
): KnownPerson[] {
  const hasButtons = alerts.some((target) => target.kind === 'slackBot' && target.signingSecret !== undefined)
  const names = new Set([
    ...tokens
      .filter((token) => stateOf(token, now) === 'live' && includesScope(token.scope, 'approver'))
      .map(({ name }) => name),
    ...people.filter(({ slack }) => hasButtons && slack !== undefined).map(({ name }) => name),
  ])
  return [...names].map((name) => people.find((each) => each.name === name) ?? { name, groups: [] })
}

function cannot({ name, approval: { required, groups, makerChecker } }: Policy, missing: number): Check {
  const asked = `${required} verified ${required === 1 ? 'approval' : 'approvals'}`
  const of = groups.length > 0 ? ` of ${groups.join(' or ')}` : ''
  const by = makerChecker ? ' after a request by somebody else' : ''
  return {
    name: 'approvals',
    state: 'warn',
    message: `policy ${name} wants ${asked}${of}${by}, and ${missing} ${missing === 1 ? 'person' : 'people'} with a way to say so ${missing === 1 ? 'is' : 'are'} missing`,
    next: 'refit token create NAME --scope approver, or slackBot.signingSecret and people[].slack in refit.yaml (docs/approvals.md).',
  }
}
