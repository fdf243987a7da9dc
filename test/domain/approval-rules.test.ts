import { receive } from '../../src/domain/approval'
import { maxUnverified, unverifiedCounts, wholeMatch } from '../../src/domain/approval-rules'
import { completedVotes, expiresAt, type Heard, newVotes, nextMoment, type UpgradeRules } from '../../src/domain/votes'
import { at, hash, hear, hour, newer, rulesWith, says } from './approval-support'

const one = rulesWith()
const anybody = rulesWith({ unverified: 'accept' })
const two = rulesWith({ required: 2 })
const ops = rulesWith({ groups: ['tech-ops', 'sre'] })
const four = rulesWith({ makerChecker: true })
const ticket = rulesWith({ changeReference: { required: true, pattern: 'CHG-[0-9]{4}' } })
const urgent = rulesWith({}, { emergency: 'on-call' })
const claimed = { verified: false }
const onCall = { groups: ['on-call'], now: true, reason: 'outage' }

const needsToken = (verb: string, why = 'this policy counts verified names only') =>
  `no: nobody verified that this is ann, and ${why}; log in with an API token and use refit ${verb}`

test.each<[string, UpgradeRules, Heard[], string]>([
  ['a verified name', one, [says('ann', 'approve')], 'yes: approved by ann'],
  ['a name that nobody verified', one, [says('ann', 'approve', claimed)], needsToken('approve')],
  ['it rejects', one, [says('ann', 'reject', claimed)], needsToken('reject')],
  ['it snoozes', one, [says('ann', 'snooze', { ...claimed, until: at + 1 })], needsToken('snooze')],
  ['it withdraws', one, [says('ann', 'withdraw', claimed)], needsToken('withdraw')],
  ['it requests', one, [says('ann', 'request', claimed)], needsToken('request')],
  ['it resumes', one, [says('bob', 'pause'), says('ann', 'resume', claimed)], needsToken('resume')],
  ['anybody pauses', one, [says('ann', 'pause', claimed)], 'yes: paused by ann'],
  ['anybody aborts', one, [says('ann', 'abort', claimed)], 'yes: aborted by ann'],
  ['where the policy accepts it', anybody, [says('ann', 'approve', claimed)], 'yes: approved by ann'],
  [
    'never toward more than one',
    rulesWith({ unverified: 'accept', required: 2 }),
    [says('ann', 'approve', claimed)],
    needsToken('approve', 'more than one approval takes verified names'),
  ],
  [
    'nor a group',
    rulesWith({ unverified: 'accept', groups: ['sre'] }),
    [says('ann', 'reject', claimed)],
    needsToken('reject', 'a group takes verified names'),
  ],
  [
    'nor makerChecker',
    rulesWith({ unverified: 'accept', makerChecker: true }),
    [says('ann', 'request', claimed)],
    needsToken('request', 'makerChecker takes verified names'),
  ],

  ['the first of two', two, [says('ann', 'approve')], 'yes: ann approved it; 1 of 2 approvals (ann)'],
  ['the second', two, [says('ann', 'approve'), says('bob', 'approve')], 'yes: approved by ann and bob'],
  ['the same one twice', two, [says('ann', 'approve'), says('ANN', 'approve')], 'no: ANN has approved it already'],
  [
    'taken back and given again',
    two,
    [says('ann', 'approve'), says('ann', 'withdraw'), says('ann', 'approve')],
    'yes: ann approved it; 1 of 2 approvals (ann)',
  ],

  ['a member', ops, [says('ann', 'approve', { groups: ['sre'] })], 'yes: approved by ann'],
  [
    'no member',
    ops,
    [says('ann', 'approve', { groups: ['finance'] })],
    'no: only members of tech-ops and sre may approve, and ann is none',
  ],
  [
    'no member rejects',
    ops,
    [says('ann', 'reject')],
    'no: only members of tech-ops and sre may reject, and ann is none',
  ],
  [
    'no member snoozes',
    ops,
    [says('ann', 'snooze', { until: at + 1_000 })],
    'yes: snoozed by ann until 2026-11-24T10:00:01Z',
  ],

  ['another one approves', four, [says('mia', 'request'), says('ann', 'approve')], 'yes: approved by ann'],
  [
    'the requester',
    four,
    [says('mia', 'request'), says('Mia', 'approve')],
    'no: Mia requested it; another person must approve',
  ],
  [
    'a request taken back voids what answered it',
    rulesWith({ makerChecker: true, required: 2 }),
    [says('mia', 'request'), says('ann', 'approve'), says('mia', 'withdraw')],
    'yes: withdrawn by mia; 0 of 2 approvals, nobody has requested it',
  ],

  ['without a ticket', ticket, [says('ann', 'approve')], 'no: a change reference is wanted (changeReference)'],
  [
    'with another kind of ticket',
    ticket,
    [says('ann', 'approve', { changeReference: 'see CHG-1234' })],
    'no: the change reference see CHG-1234 does not match CHG-[0-9]{4}',
  ],
  ['with the ticket', ticket, [says('ann', 'approve', { changeReference: 'CHG-1234' })], 'yes: approved by ann'],
  [
    'the request named it',
    ticket,
    [says('mia', 'request', { changeReference: 'CHG-1234' }), says('ann', 'approve')],
    'yes: approved by ann',
  ],
  [
    'one that nobody wants must fit, too',
    rulesWith({ changeReference: { required: false, pattern: 'CHG-.*' } }),
    [says('ann', 'approve', { changeReference: 'INC-1' })],
    'no: the change reference INC-1 does not match CHG-.*',
  ],
  [
    'a pattern that is none',
    rulesWith({ changeReference: { required: true, pattern: '(' } }),
    [says('ann', 'approve', { changeReference: 'x' })],
    "no: changeReference.pattern of the policy can't be read: (",
  ],

  [
    'of the emergency group',
    urgent,
    [says('ann', 'approve', onCall)],
    'yes: approved by ann: outage; it starts outside of windows',
  ],
  [
    'in freezes, too',
    urgent,
    [says('ann', 'approve', { ...onCall, overrideFreeze: true })],
    'yes: approved by ann: outage; it starts outside of windows and in freezes',
  ],
  [
    'without a reason',
    urgent,
    [says('ann', 'approve', { ...onCall, reason: '' })],
    'no: a start outside of windows needs a reason',
  ],
  [
    'not of the group',
    urgent,
    [says('ann', 'approve', { ...onCall, groups: ['sre'] })],
    'no: only verified members of on-call may start it outside of its windows; log in with an API token and use refit approve',
  ],
  [
    'a claim to be of the group',
    rulesWith({ unverified: 'accept' }, { emergency: 'on-call' }),
    [says('ann', 'approve', { ...onCall, ...claimed })],
    'no: only verified members of on-call may start it outside of its windows; log in with an API token and use refit approve',
  ],
  [
    'where there is no such group',
    one,
    [says('ann', 'approve', onCall)],
    'no: the policy names no emergency group, so nobody may start it outside of its windows',
  ],
  [
    'the quorum counts all the same',
    rulesWith({ required: 2 }, { emergency: 'on-call' }),
    [says('ann', 'approve', onCall)],
    'yes: ann approved it; 1 of 2 approvals (ann); it starts outside of windows',
  ],
  [
    'asked for twice',
    urgent,
    [says('ann', 'approve', onCall), says('bob', 'approve', onCall)],
    'no: ann has already asked for a start outside of windows',
  ],
  [
    'more than before',
    urgent,
    [says('ann', 'approve', onCall), says('bob', 'approve', { ...onCall, overrideFreeze: true })],
    'yes: bob has it start outside of windows and in freezes: outage',
  ],

  ['a snooze into the past', one, [says('ann', 'snooze', { until: at })], 'no: 2026-11-24T10:00:00Z is past'],
  ['a snooze without an end', one, [says('ann', 'snooze')], 'no: it must say until when'],
  [
    'a snooze of 31 days',
    one,
    [says('ann', 'snooze', { until: at + 31 * 24 * hour })],
    'no: nothing can be snoozed for more than 30 days',
  ],
  [
    'an approval of what is snoozed',
    one,
    [says('ann', 'snooze', { until: at + hour }), says('bob', 'approve')],
    'yes: approved by bob',
  ],
  [
    'a newer one voids both',
    rulesWith({ required: 3 }),
    [says('ann', 'approve'), says('bob', 'approve'), newer],
    'yes: v1.0.2 is newer; 2 approvals of this plan are void (ann and bob)',
  ],
])('%s', (_name, rules, said, expected) => expect(hear(rules, said).answer).toBe(expected))

test('everything that was said is noted with who and how verified, what ends it is not', () => {
  const rules = rulesWith({ required: 2 }, { emergency: 'on-call' })
  const kinds = (said: Heard) => hear(rules, [said], hear(rules, [says('ann', 'approve')]).votes).notes
  expect(kinds(says('bob', 'approve', onCall))).toEqual([
    { kind: 'approved', by: 'bob', verified: true, message: 'approved by ann and bob: outage (verified by token)' },
    {
      kind: 'emergency',
      by: 'bob',
      verified: true,
      message: 'bob has it start outside of windows: outage (verified by token)',
    },
  ])
  expect(kinds(says('ann', 'withdraw')).map(({ kind }) => kind)).toEqual(['withdrawn'])
  expect(kinds(says('eve', 'approve', claimed))).toMatchObject([{ kind: 'refused', by: 'eve', verified: false }])
  for (const verb of ['reject', 'abort'] as const) expect(kinds(says('bob', verb))).toEqual([])
})

test('names that nobody verified change an upgrade a hundred times at most; an abort and a verified name still count', () => {
  const toggles = Array.from({ length: maxUnverified }, (_, i) => says('eve', i % 2 ? 'resume' : 'pause', claimed))
  const { votes } = hear(anybody, toggles)
  expect(hear(anybody, [says('eve', 'approve', claimed)], votes).answer).toMatch(/^no: names that nobody verified have/)
  expect(hear(anybody, [says('ann', 'approve')], votes).accepted).toBe(true)
  expect(hear(anybody, [says('eve', 'abort', claimed)], votes).accepted).toBe(true)
})

describe('the clock of a question', () => {
  const question = { askedAt: at, expiresMs: 72 * hour, escalateMs: 12 * hour, escalated: false }
  const fresh = newVotes(hash)

  test('escalates before it expires, once', () => {
    expect(nextMoment(fresh, question)).toEqual({ kind: 'escalates', at: at + 60 * hour })
    expect(nextMoment(fresh, { ...question, escalated: true })).toEqual({ kind: 'expires', at: at + 72 * hour })
    expect(nextMoment(fresh, { ...question, escalateMs: 0 })).toEqual({ kind: 'expires', at: at + 72 * hour })
    expect(nextMoment(fresh, { ...question, escalateMs: 72 * hour })).toEqual({ kind: 'expires', at: at + 72 * hour })
  })

  test('stands still while it is snoozed, however often', () => {
    const snoozed = hear(one, [says('ann', 'snooze', { until: at + 10 * hour })], fresh, at + hour).votes
    expect(nextMoment(snoozed, question)).toEqual({ kind: 'asks again', at: at + 10 * hour })
    expect(expiresAt(snoozed, question)).toBe(at + (72 + 9) * hour)
    const again = hear(one, [says('bob', 'snooze', { until: at + 20 * hour })], snoozed, at + 5 * hour).votes
    expect(again).toMatchObject({ stoodMs: 4 * hour, snooze: { by: 'bob', from: at + 5 * hour } })
    expect(expiresAt(again, question)).toBe(at + (72 + 4 + 15) * hour)
  })
})

test('votes that an earlier build carried over keep their approval, and it can be taken back', () => {
  const old = completedVotes({ planHash: hash, status: 'approved', by: 'ann', reason: 'ok', refusals: [] })
  expect(hear(anybody, [says('ann', 'withdraw', claimed)], old).votes).toMatchObject({
    status: 'waiting',
    approvals: [],
  })
})

test.each([
  [true, {}],
  [false, { unverified: 'refuse' as const }],
  [false, { required: 2 }],
  [false, { groups: ['x'] }],
  [false, { makerChecker: true }],
])('whether unverified names count: %s with %j', (counts, more) =>
  expect(unverifiedCounts({ ...anybody.approval, ...more })).toBe(counts),
)

test('a pattern matches the whole, in linear time', () => {
  expect(wholeMatch('a+', 'aaa')).toBe(true)
  expect(wholeMatch('a+', 'aaab')).toBe(false)
  expect(wholeMatch('(a+)+$', `${'a'.repeat(200)}b`)).toBe(false)
})

test('a refusal changes nothing but the list of refusals', () => {
  const before = hear(two, [says('ann', 'approve')]).votes
  const { votes } = receive(before, says('ann', 'approve'), { rules: two, at })
  expect({ ...votes, refusals: [] }).toEqual({ ...before, refusals: [] })
})
