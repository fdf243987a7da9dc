import { hash, hear, rulesWith, says } from './approval-support'

test('one person in another spelling of Unicode is no second one', () => {
  const composed = 'Jos\u00e9'
  const { answer } = hear(rulesWith({ required: 2 }), [
    says(composed, 'approve'),
    says(composed.normalize('NFD').toUpperCase(), 'approve'),
  ])
  expect(answer).toMatch(/^no: .* has approved it already$/)
})

test.each(['', '0', hash.slice(0, 11)])('a vote for the plan "%s" is for none', (planHash) => {
  expect(hear(rulesWith(), [says('ana', 'approve', { planHash })]).answer).toMatch(/^no: the plan is 0123456789ab, not/)
})

test('a ticket that was taken back with its approval is wanted again', () => {
  const rules = rulesWith({ required: 2, changeReference: { required: true } })
  const ana = says('ana', 'approve', { changeReference: 'CHG-1' })
  const withdrawn = hear(rules, [ana, says('ana', 'withdraw')])
  expect(withdrawn.votes).not.toHaveProperty('changeReference')
  expect(hear(rules, [says('ben', 'approve')], withdrawn.votes).answer).toMatch(/^no: a change reference is wanted/)
  const both = hear(rules, [ana, says('ben', 'approve', { changeReference: 'CHG-2' }), says('ana', 'withdraw')])
  expect(both.votes.changeReference).toBe('CHG-2')
})
