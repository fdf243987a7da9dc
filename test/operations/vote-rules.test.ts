import type { Plan } from '../../src/domain/plan'
import { castVote, type VoteRequest } from '../../src/operations/vote'
import { scopeOf } from '../../src/operations/vote-rules'
import type { VoteVerb } from '../../src/store/contracts'
import { fakeStore, fakeTemporal, plan, planHash, upgradeRow } from './support'

const key = { namespace: 'hub', service: 'ledger' }
const ana = { by: 'ana', verified: { groups: ['emergency'], via: 'token' as const } }
const strict: Plan = {
  ...plan,
  policy: { ...plan.policy, approval: { ...plan.policy.approval, unverified: 'refuse' }, emergency: 'emergency' },
}

async function say(verb: VoteVerb, request: Partial<VoteRequest>, of: Plan = strict) {
  const { store, votes } = fakeStore({ upgrades: [upgradeRow()], plans: { [planHash]: of } })
  const { temporal, sent } = fakeTemporal()
  const result = await castVote({ store, temporal }, verb, { key, by: 'somebody', ...request }).catch(
    (error: unknown) => error as Error,
  )
  return { result, votes, sent }
}

test.each<VoteVerb>(['request', 'approve', 'reject', 'withdraw', 'snooze', 'resume'])(
  'where a policy refuses names that nobody verified, %s is refused before it is sent, with the way',
  async (verb) => {
    const { result, sent } = await say(verb, { until: new Date() })
    expect(result).toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: `Policy core takes no ${verb} from names that nobody verified.`,
      next: expect.stringMatching(/refit token create NAME .* REFIT_TOKEN=… refit \w+ hub\/ledger/),
    })
    expect(sent).toEqual([])
  },
)

test.each<VoteVerb>(['pause', 'abort'])('whoever sees something go wrong may %s', async (verb) => {
  expect((await say(verb, { reason: 'wrong' })).sent).toMatchObject([{ verb, input: { by: 'somebody' } }])
})

test('where it accepts them, all that is said goes with the message', async () => {
  const until = new Date('2026-12-01T08:00:00Z')
  const { sent } = await say('snooze', { until, reason: 'r', changeReference: 'CHG-1' }, plan)
  expect(sent[0]?.input).toEqual({
    ...{ by: 'somebody', planHash, reason: 'r', changeReference: 'CHG-1' },
    until: '2026-12-01T08:00:00.000Z',
  })
})

describe('--now and --override-freeze', () => {
  const urgent = { ...ana, reason: 'CVE-2026-1', now: true }
  test('are kept with the vote of a member of the emergency group', async () => {
    expect((await say('approve', urgent)).votes).toMatchObject([{ now: true, overrideFreeze: false }])
    const { votes } = await say('approve', { ...urgent, now: undefined, overrideFreeze: true })
    expect(votes).toMatchObject([{ now: true, overrideFreeze: true }])
  })

  test.each<[string, Partial<VoteRequest>, Plan, string]>([
    ['who is not known', { now: true, reason: 'r' }, plan, 'UNAUTHENTICATED'],
    ['who gives no reason', { ...urgent, reason: undefined }, strict, 'USAGE'],
    ['who is in another group', { ...urgent, verified: { groups: ['ops'], via: 'token' } }, strict, 'FORBIDDEN'],
    ['who is in none', { ...urgent, verified: { groups: [], via: 'token' } }, strict, 'FORBIDDEN'],
    ['of a policy without such a group', urgent, plan, 'APPROVAL_REFUSED'],
  ])('are refused to somebody %s, before anything is kept', async (_name, request, of, code) => {
    const { result, votes, sent } = await say('approve', request, of)
    expect([(result as { code?: string }).code, votes, sent]).toEqual([code, [], []])
  })
})

describe('a change reference that is not as the policy wants it', () => {
  const ticketed: Plan = {
    ...strict,
    policy: {
      ...strict.policy,
      approval: { ...strict.policy.approval, changeReference: { required: true, pattern: 'CHG-[0-9]+' } },
    },
  }
  test.each<VoteVerb>(['request', 'approve'])('is refused before the %s is kept or sent', async (verb) => {
    const { result, votes, sent } = await say(verb, { ...ana, changeReference: 'see CHG-1' }, ticketed)
    expect(result).toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: 'Policy core: the change reference see CHG-1 does not match CHG-[0-9]+.',
      next: expect.stringContaining('--change'),
    })
    expect([votes, sent]).toEqual([[], []])
  })

  test('and one that is goes on its way, as does none: another may have named it', async () => {
    for (const changeReference of ['CHG-1', undefined])
      expect((await say('approve', { ...ana, changeReference }, ticketed)).sent).toHaveLength(1)
  })
})

test('the same yes after a change of groups is another vote, with the groups of now', async () => {
  const { store, votes } = fakeStore({ upgrades: [upgradeRow()], plans: { [planHash]: plan } })
  const { temporal } = fakeTemporal()
  for (const groups of [[], ['ops', 'cab'], ['cab', 'ops'], []])
    await castVote({ store, temporal }, 'approve', { key, by: 'ana', verified: { groups, via: 'token' } })
  expect(votes.map(({ groups }) => groups)).toEqual([[], ['ops', 'cab'], []])
})

test('a snooze has an end', async () => {
  expect((await say('snooze', ana)).result).toMatchObject({ code: 'USAGE' })
})

test('answers take an approver, whatever stops an upgrade an operator', () => {
  const verbs: VoteVerb[] = ['request', 'approve', 'reject', 'withdraw', 'snooze', 'pause', 'resume', 'abort']
  expect(verbs.map(scopeOf)).toEqual([...Array(5).fill('approver'), ...Array(3).fill('operator')])
})
