import { mergeChanges } from '../../src/domain/change-topic'

test('changes of one thing become one, with each topic once, in the order in which they came', () => {
  const ledger = { namespace: 'hub', service: 'ledger' }
  expect(
    mergeChanges([
      { topics: ['upgrade'], upgradeId: '1', ...ledger },
      { topics: ['scan'] },
      { topics: ['vote'], upgradeId: '1', ...ledger },
      { topics: ['upgrade'], upgradeId: '1', ...ledger },
      { topics: ['data'], upgradeId: '2', ...ledger },
      { topics: ['freeze'] },
    ]),
  ).toEqual([
    { topics: ['upgrade', 'vote'], upgradeId: '1', ...ledger },
    { topics: ['scan', 'freeze'] },
    { topics: ['data'], upgradeId: '2', ...ledger },
  ])
})
