import { shownApproval } from '../../src/operations/shown-approval'
import type { UpgradeEvent, VoteRow } from '../../src/store/contracts'
import { now, plan, upgradeRow } from './support'

const event = (kind: string, by: string, verified = true): UpgradeEvent => ({
  ...{ upgradeId: upgradeRow().id, at: now, phase: 'approval', kind, by, verified, message: `${kind} by ${by}` },
})
const vote = (by: string, changed: Partial<VoteRow> = {}): VoteRow => ({
  ...{ id: by, namespace: 'hub', service: 'ledger', upgradeId: upgradeRow().id, planHash: 'abcdef123456' },
  ...{ verb: 'approve', by, groups: ['ops'], via: 'slack', reason: 'fine', changeReference: '', now: false },
  ...{ overrideFreeze: false, until: null, at: now, ...changed },
})
const makerChecker = {
  ...plan,
  policy: { ...plan.policy, approval: { ...plan.policy.approval, required: 1, makerChecker: true } },
}

test('who approved is told with how that was verified', () => {
  const events = [event('voted', 'ana'), event('approved', 'bob', false)]
  expect(shownApproval(plan, { events, votes: [vote('ana')] }).approvals).toEqual([
    { by: 'ana', verified: true, via: 'slack', groups: ['ops'], reason: 'fine', at: now },
    { by: 'bob', verified: false, via: null, groups: [], reason: 'approved by bob', at: now },
  ])
})

test('who withdrew is not among them, and may approve again', () => {
  const events = [event('approved', 'ana'), event('withdrawn', 'ana')]
  expect(shownApproval(plan, { events, votes: [] }).approvals).toEqual([])
  expect(shownApproval(plan, { events: [...events, event('approved', 'ana')], votes: [] }).approvals).toHaveLength(1)
})

test('with a request go the approvals that answered it', () => {
  const events = [event('requested', 'ana'), event('approved', 'bob')]
  expect(shownApproval(makerChecker, { events, votes: [] })).toMatchObject({
    requestedBy: 'ana',
    approvals: [{ by: 'bob' }],
  })
  const withdrawn = shownApproval(makerChecker, { events: [...events, event('withdrawn', 'ana')], votes: [] })
  expect(withdrawn).toMatchObject({ requestedBy: null, approvals: [] })
})

test('the ticket is the last one that was named', () => {
  const votes = [vote('ana', { changeReference: 'CHG-1' }), vote('bob', { changeReference: 'CHG-2' }), vote('eve')]
  expect(shownApproval(plan, { events: [], votes }).ticket).toBe('CHG-2')
  expect(shownApproval(plan, { events: [], votes: [] }).ticket).toBeNull()
})
