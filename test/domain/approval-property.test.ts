import fc from 'fast-check'
import { receive } from '../../src/domain/approval'
import { parseMessage, personVerbs, type Verb } from '../../src/domain/approval-message'
import { type Heard, neededOf, newVotes, type UpgradeRules, type Votes } from '../../src/domain/votes'
import { at, hash, newer, rulesWith, says } from './approval-support'

const runs = { numRuns: 2_000 }
const names = ['ann', 'Ann', 'bob', 'cid', 'mia']
const groups = ['tech-ops', 'on-call', 'finance']

const rules: fc.Arbitrary<UpgradeRules> = fc
  .record({
    required: fc.integer({ min: 0, max: 3 }),
    unverified: fc.constantFrom('accept' as const, 'refuse' as const),
    makerChecker: fc.boolean(),
    groups: fc.subarray(groups),
  })
  .map((approval) => rulesWith(approval, { emergency: 'on-call' }))

const said: fc.Arbitrary<Heard> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(newer) },
  {
    weight: 20,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...names),
        fc.constantFrom(...personVerbs.filter((verb) => verb !== 'abort' && verb !== 'reject'), 'approve' as const),
        fc.record({
          verified: fc.boolean(),
          groups: fc.subarray(groups),
          now: fc.boolean(),
          reason: fc.constantFrom('', 'because'),
          planHash: fc.constantFrom(hash, hash, hash, 'ffffffffffff'),
          until: fc.constantFrom(at - 1, at + 1_000),
        }),
      )
      .map(([by, verb, more]) => says(by, verb, more)),
  },
)

const after = (given: UpgradeRules, heard: Heard[]): Votes =>
  heard.reduce((votes, each) => receive(votes, each, { rules: given, at }).votes, newVotes(hash))

test('there are never more approvals than different people who may give one', () => {
  fc.assert(
    fc.property(rules, fc.array(said, { maxLength: 30 }), (given, heard) => {
      const votes = after(given, heard)
      const { required, unverified, makerChecker } = given.approval
      const strict = unverified === 'refuse' || required > 1 || given.approval.groups.length > 0 || makerChecker
      const eligible = new Set(
        heard.flatMap((each) =>
          each.ok &&
          each.message.verb === 'approve' &&
          (each.speaker.verified || !strict) &&
          (given.approval.groups.length === 0 ||
            each.speaker.groups.some((group) => given.approval.groups.includes(group)))
            ? [each.speaker.by.toLowerCase()]
            : [],
        ),
      )
      const approved = votes.approvals.map(({ by }) => by.toLowerCase())
      expect(new Set(approved).size).toBe(approved.length)
      for (const by of approved) expect(eligible).toContain(by)
      if (strict) expect(votes.approvals.every(({ verified }) => verified)).toBe(true)
      expect(approved.length).toBeLessThanOrEqual(neededOf(given))
      if (votes.status !== 'approved') return
      expect(approved.length).toBe(neededOf(given))
      if (makerChecker && required > 0) {
        expect(votes.requested).toBeDefined()
        expect(approved).not.toContain(votes.requested?.by.toLowerCase())
      }
    }),
    runs,
  )
})

test('votes that went through JSON, as they do when a workflow continues as new, go on as before', () => {
  fc.assert(
    fc.property(rules, fc.array(said, { maxLength: 20 }), fc.array(said, { maxLength: 10 }), (given, first, then) => {
      const votes = after(given, first)
      const carried = JSON.parse(JSON.stringify(votes)) as Votes
      expect(carried).toStrictEqual(votes)
      for (const each of then) {
        const now = { rules: given, at }
        expect(receive(carried, each, now)).toStrictEqual(receive(votes, each, now))
      }
    }),
    runs,
  )
})

test('no JSON makes it throw, and what it keeps is bounded', () => {
  const verb = fc.constantFrom<Verb>(...personVerbs, 'supersede')
  const field = fc.oneof(fc.jsonValue(), fc.string({ maxLength: 3_000, unit: 'binary' }), fc.constant(hash))
  const keys = ['by', 'planHash', 'reason', 'vote', 'until', 'changeReference', 'now', 'tag', 'digest']
  const shaped = fc.dictionary(fc.constantFrom(...keys), field)
  fc.assert(
    fc.property(rules, fc.array(fc.tuple(verb, fc.oneof(fc.jsonValue(), shaped)), { maxLength: 40 }), (given, sent) => {
      let votes = newVotes(hash)
      for (const [each, input] of sent) {
        const heard = parseMessage(each, input)
        if (heard.ok) expect(heard.speaker).toMatchObject({ verified: false, groups: [], via: 'signal' })
        votes = receive(votes, heard, { rules: given, at }).votes
      }
      expect(votes.refusals.length).toBeLessThanOrEqual(20)
      expect(JSON.stringify(votes).length).toBeLessThan(60_000)
    }),
    { numRuns: 500 },
  )
})
