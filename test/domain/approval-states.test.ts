import { type PersonVerb, personVerbs } from '../../src/domain/approval-message'
import type { Heard, Votes } from '../../src/domain/votes'
import { at, hash, hear, hour, newer, rulesWith, says } from './approval-support'

/** Two of tech-ops approve what another one has requested; on-call may start it at once. */
const rules = rulesWith({ required: 2, makerChecker: true, groups: ['tech-ops'] }, { emergency: 'on-call' })
const member = { groups: ['tech-ops'] }
const requested = hear(rules, [says('mia', 'request')]).votes
const partly = hear(rules, [says('ann', 'approve', member)], requested).votes
const approved = hear(rules, [says('bob', 'approve', member)], partly).votes

const states = {
  waiting: hear(rules, []).votes,
  requested,
  partly,
  approved,
  window: approved,
  running: { ...approved, underway: true },
  ended: { ...approved, underway: true, closed: 'succeeded' },
  superseded: hear(rules, [newer], partly).votes,
} satisfies Record<string, Votes>
type State = keyof typeof states

const all = (answer: string): Record<State, string> =>
  Object.fromEntries(Object.keys(states).map((state) => [state, answer])) as Record<State, string>

const over = { ended: 'no: the upgrade has ended (succeeded)', superseded: 'no: already superseded' }
const late = {
  approved: 'no: already approved by ann and bob',
  window: 'no: already approved by ann and bob',
  running: 'no: it is already being carried out',
  ...over,
}

const cases: Record<string, { said: Heard; answers: Record<State, string> }> = {
  request: {
    said: says('zoe', 'request'),
    answers: {
      waiting: 'yes: requested by zoe',
      requested: 'no: already requested by mia',
      partly: 'no: already requested by mia',
      ...late,
    },
  },
  approve: {
    said: says('cid', 'approve', member),
    answers: {
      waiting: 'no: nobody has requested it yet: one person requests it (refit request), another one approves',
      requested: 'yes: cid approved it; 1 of 2 approvals (cid)',
      partly: 'yes: approved by ann and cid',
      ...late,
    },
  },
  'approve with now': {
    said: says('oli', 'approve', { groups: ['tech-ops', 'on-call'], now: true, reason: 'outage' }),
    answers: {
      waiting: 'no: nobody has requested it yet: one person requests it (refit request), another one approves',
      requested: 'yes: oli approved it; 1 of 2 approvals (oli); it starts outside of windows',
      partly: 'yes: approved by ann and oli: outage; it starts outside of windows',
      approved: 'yes: oli has it start outside of windows: outage',
      window: 'yes: oli has it start outside of windows: outage',
      running: 'yes: oli has it start outside of windows: outage',
      ...over,
    },
  },
  reject: {
    said: says('cid', 'reject', { ...member, reason: 'month end' }),
    answers: {
      waiting: 'yes: rejected by cid: month end',
      requested: 'yes: rejected by cid: month end',
      partly: 'yes: rejected by cid: month end',
      ...late,
      approved: 'no: already approved by ann and bob; withdraw takes an approval back, abort stops it and rolls back',
      window: 'no: already approved by ann and bob; withdraw takes an approval back, abort stops it and rolls back',
    },
  },
  withdraw: {
    said: says('ann', 'withdraw', { reason: 'not yet' }),
    answers: {
      waiting: 'no: ann has nothing to withdraw',
      requested: 'no: ann has nothing to withdraw',
      partly: 'yes: withdrawn by ann: not yet; 0 of 2 approvals',
      approved: 'yes: withdrawn by ann: not yet; 1 of 2 approvals (bob)',
      window: 'yes: withdrawn by ann: not yet; 1 of 2 approvals (bob)',
      running: 'no: it is already being carried out',
      ...over,
    },
  },
  snooze: {
    said: says('cid', 'snooze', { until: at + hour }),
    answers: {
      waiting: 'yes: snoozed by cid until 2026-11-24T11:00:00Z',
      requested: 'yes: snoozed by cid until 2026-11-24T11:00:00Z',
      partly: 'yes: snoozed by cid until 2026-11-24T11:00:00Z',
      ...late,
    },
  },
  pause: { said: says('cid', 'pause', { reason: 'look' }), answers: { ...all('yes: paused by cid: look'), ...over } },
  resume: { said: says('cid', 'resume'), answers: { ...all('no: it is not paused'), ...over } },
  abort: {
    said: says('cid', 'abort', { reason: 'smoke' }),
    answers: { ...all('yes: aborted by cid: smoke'), ended: over.ended },
  },
  supersede: {
    said: newer,
    answers: {
      waiting: 'yes: v1.0.2 is newer',
      requested: 'yes: v1.0.2 is newer',
      partly: 'yes: v1.0.2 is newer; 1 approval of this plan is void (ann)',
      ...late,
    },
  },
}

const rows = Object.entries(cases).flatMap(([verb, { said, answers }]) =>
  Object.keys(states).map((state) => [verb, state as State, said, answers[state as State]] as const),
)

test.each(rows)('%s while %s', (_verb, state, said, expected) => {
  const before = JSON.stringify(states[state])
  expect(hear(rules, [said], states[state]).answer).toBe(expected)
  expect(JSON.stringify(states[state])).toBe(before)
})

test.each(personVerbs.filter((verb) => !['abort', 'pause', 'resume'].includes(verb)))(
  '%s of another plan is stale, whatever the state',
  (verb: PersonVerb) => {
    const said = says('ann', verb, { ...member, planHash: 'ffffffffffff', until: at + hour })
    expect(hear(rules, [said], states.partly).answer).toBe(`no: the plan is ${hash}, not ffffffffffff; read it again`)
  },
)

test('whatever is paused is resumed, also while it runs', () => {
  const paused = hear(rules, [says('cid', 'pause')], states.running)
  expect(paused.votes.paused).toEqual({ by: 'cid', reason: '', at })
  expect(hear(rules, [says('ann', 'pause')], paused.votes).answer).toBe('no: already paused by cid')
  const resumed = hear(rules, [says('ann', 'resume')], paused.votes)
  expect(resumed.answer).toBe('yes: resumed by ann')
  expect('paused' in resumed.votes).toBe(false)
})

test('after an abort nothing counts', () => {
  const aborted = hear(rules, [says('cid', 'abort')]).votes
  for (const verb of personVerbs)
    expect(hear(rules, [says('ann', verb, member)], aborted).answer).toBe('no: already aborted by cid')
})
