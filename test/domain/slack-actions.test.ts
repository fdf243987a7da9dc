import { parseSlackValue, slackValue, slackVerbs } from '../../src/domain/slack-actions'

const asked = { upgradeId: 'abcdef123456-1', planHash: 'abcdef123456' }

test.each(slackVerbs)('the value of the button %s is read back as it was written', (verb) => {
  expect(parseSlackValue(slackValue({ verb, ...asked }))).toEqual({ verb, ...asked })
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['an object', { verb: 'approve' }],
  ['another verb', 'abort abcdef123456-1 abcdef123456'],
  ['a short hash', 'approve abcdef123456-1 abcdef'],
  ['a hash that is none', 'approve abcdef123456-1 ABCDEF123456'],
  ['more words', 'approve abcdef123456-1 abcdef123456 --now'],
  ['a second line', 'approve abcdef123456-1 abcdef123456\nreject'],
  ['a megabyte', `approve ${'a'.repeat(1_000_000)} abcdef123456`],
  ['a path', 'approve ../x abcdef123456'],
])('%s is no answer', (_, value) => {
  expect(parseSlackValue(value)).toBeUndefined()
})
