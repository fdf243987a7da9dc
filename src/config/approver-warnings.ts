import { peopleMissing } from '../domain/people'
import type { Policy } from '../domain/policy'
import { wordList } from '../domain/text'
import type { Config } from './load'

/** Policies whose approvals nobody could give, as far as refit.yaml tells; who has a token only the store knows (doctor). */
export function approverWarnings({
  policies,
  people,
  alerts,
  server,
}: Pick<Config, 'policies' | 'people' | 'alerts' | 'server'>): string[] {
  // Who is in its groups only the provider knows.
  if (server.oidc) return []
  const hasButtons = alerts.some((target) => target.kind === 'slackBot' && target.signingSecret !== undefined)
  return policies.flatMap((policy, index) => {
    if (!asksVerified(policy)) return []
    const { required, groups } = policy.approval
    const path = `policies[${index}] (${policy.name}): approval`
    if (groups.length > 0 && peopleMissing({ required, groups, makerChecker: false }, people) > 0)
      return [`${path} wants ${required} of ${wordList(groups)}, and people has fewer of them`]
    return people.length === 0 && !hasButtons
      ? [`${path} counts verified people only: they need tokens (refit token create NAME --scope approver)`]
      : []
  })
}

const asksVerified = ({ mode, approval }: Policy): boolean =>
  mode !== 'watch' && approval.required > 0 && approval.unverified === 'refuse'
