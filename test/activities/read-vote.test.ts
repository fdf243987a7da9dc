import { readVote } from '../../src/activities/read-vote'
import type { Store, VoteRow } from '../../src/store/contracts'
import { planOf } from '../domain/fixtures'

const key = { upgradeId: '0123456789ab-1', planHash: '0123456789ab' }
const row: VoteRow = {
  ...{
    id: 'v1',
    namespace: 'hub',
    service: 'ledger',
    upgradeId: key.upgradeId,
    planHash: key.planHash,
    verb: 'approve',
  },
  ...{ by: 'ann', groups: ['tech-ops'], via: 'token', reason: 'fine', changeReference: 'CHG-1', now: false },
  ...{ overrideFreeze: false, until: null, at: new Date('2026-11-24T10:00:00Z') },
}

function reading(rows: Partial<VoteRow>[]) {
  const store = {
    plans: { read: () => Promise.resolve(planOf()) },
    releases: { read: () => Promise.resolve(undefined) },
    votes: {
      read: (id: string) => Promise.resolve(rows.map((each) => ({ ...row, ...each })).find((each) => each.id === id)),
    },
  } as unknown as Store
  return readVote({ store })
}
const ask = (rows: Partial<VoteRow>[], verb: VoteRow['verb'] = 'approve') =>
  reading(rows)({ ...key, votes: [{ id: 'v1', verb }] })

test('what a person said is told from the row alone', async () => {
  expect(await ask([{}])).toEqual({
    v1: {
      kind: 'vote',
      said: {
        ...{ verb: 'approve', by: 'ann', planHash: key.planHash, reason: 'fine', changeReference: 'CHG-1' },
        ...{ now: false, overrideFreeze: false },
      },
      speaker: { by: 'ann', verified: true, groups: ['tech-ops'], via: 'token' },
    },
  })
})

test('a snooze has its end, and an override of freezes starts at once', async () => {
  const until = new Date('2026-11-25T10:00:00Z')
  expect(await ask([{ verb: 'snooze', until }], 'snooze')).toMatchObject({ v1: { said: { until: until.getTime() } } })
  expect(await ask([{ overrideFreeze: true }])).toMatchObject({ v1: { said: { now: true, overrideFreeze: true } } })
})

test.each<[string, Partial<VoteRow>, string]>([
  ['of another service', { service: 'quoting' }, 'the vote is of hub/quoting'],
  ['of another namespace', { namespace: 'test' }, 'the vote is of test/ledger'],
  ['of another upgrade', { upgradeId: 'x-1' }, 'the vote is of upgrade x-1, not of 0123456789ab-1'],
  ['that says something else', { verb: 'reject' }, 'the vote says reject, not approve'],
])('a vote %s is forged', async (_name, more, because) =>
  expect(await ask([more])).toEqual({ v1: { kind: 'forged', because } }),
)

test('ids without a row are left out', async () => {
  const asked = {
    ...key,
    votes: [
      { id: 'v1', verb: 'approve' as const },
      { id: 'made-up', verb: 'approve' as const },
    ],
  }
  expect(Object.keys(await reading([{}])(asked))).toEqual(['v1'])
})
