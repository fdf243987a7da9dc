import { receive, type Received } from '../../src/domain/approval'
import type { PersonVerb } from '../../src/domain/approval-message'
import { type Heard, newVotes, plainRules, type Said, type UpgradeRules, type Votes } from '../../src/domain/votes'

export const hash = '0123456789ab'
export const at = Date.parse('2026-11-24T10:00:00Z')
export const hour = 3_600_000

export const rulesWith = (
  approval: Partial<UpgradeRules['approval']> = {},
  more: Partial<UpgradeRules> = {},
): UpgradeRules => ({
  approval: { ...plainRules(true, 72 * hour).approval, unverified: 'refuse', ...approval },
  ...more,
})

type Saying = Partial<Said> & { groups?: string[]; verified?: boolean }

/** What a logged-in person says, unless `verified` is false. */
export function says(by: string, verb: PersonVerb, { groups = [], verified = true, ...more }: Saying = {}): Heard {
  const overrideFreeze = more.overrideFreeze ?? false
  const message: Said = {
    ...{ verb, by, planHash: hash, reason: '', changeReference: '', ...more },
    ...{ now: more.now ?? overrideFreeze, overrideFreeze },
  }
  return { ok: true, message, speaker: { by, verified, groups, via: verified ? 'token' : 'signal' } }
}

export const newer: Heard = {
  ok: true,
  message: { verb: 'supersede', by: 'scan', tag: 'v1.0.2', digest: `sha256:${'c'.repeat(64)}` },
  speaker: { by: 'scan', verified: false, groups: [], via: 'signal' },
}

/** Says one thing after the other; the last answer and what is left. */
export function hear(
  rules: UpgradeRules,
  said: Heard[],
  votes: Votes = newVotes(hash),
  time = at,
): Received & { answer: string } {
  let last: Received = { votes, accepted: false, message: '', notes: [] }
  for (const each of said) last = receive(last.votes, each, { rules, at: time })
  return { ...last, answer: `${last.accepted ? 'yes' : 'no'}: ${last.message}` }
}
