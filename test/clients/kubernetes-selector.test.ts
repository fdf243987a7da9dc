import { matches, parseSelector } from '../../src/clients/kubernetes/selector'

const labels = { app: 'ledger', 'refit.dev/tier': 'api', empty: '' }

test.each([
  ['', true],
  ['app=ledger', true],
  ['app==ledger', true],
  ['app=quoting', false],
  ['app!=quoting', true],
  ['app!=ledger', false],
  ['none!=x', true],
  ['app in (ledger,quoting)', true],
  ['app in (quoting)', false],
  ['none in (x)', false],
  ['app notin (quoting)', true],
  ['app notin (ledger, quoting)', false],
  ['none notin (x)', true],
  ['refit.dev/tier', true],
  ['none', false],
  ['!none', true],
  ['!app', false],
  ['empty=', true],
  ['app=ledger,refit.dev/tier in (api,ui),!none', true],
  ['app=ledger,refit.dev/tier notin (api)', false],
  ['toString', false],
])('%s', (text, expected) => {
  expect(matches(parseSelector(text) ?? [], labels)).toBe(expected)
})

test.each(['app=(a', 'a b', 'in (x', 'a=b c=d'])('%s is no selector', (text) => {
  expect(parseSelector(text)).toBeUndefined()
})
