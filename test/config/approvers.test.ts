import { approverWarnings } from '../../src/config/approver-warnings'
import { parse, policy } from './support'

const people = 'people: [{ name: ana, groups: [ops] }, { name: ben, groups: [ops] }]\n'
const warned = (rest: string, more = ''): string[] =>
  approverWarnings(parse(`${policy(rest)}\n${more}`, { BOT: 'xoxb', SIGNING: 's' }))
const tokens =
  'policies[0] (p): approval counts verified people only: they need tokens (refit token create NAME --scope approver)'
const buttons = 'alerts: [{ slackBot: { token: "${BOT}", channel: C1, signingSecret: "${SIGNING}" } }]\n'

test.each<[string, string, string, string[]]>([
  ['nobody is known', '    mode: approve', '', [tokens]],
  ['somebody is known', '    mode: approve', people, []],
  ['Slack has buttons', '    mode: approve', buttons, []],
  ['names count that nobody verified', '    mode: approve\n    approval: { unverified: accept }', '', []],
  ['nobody is asked', '    mode: automatic', '', []],
  ['it only watches', '    mode: watch', '', []],
  ['two of two', '    mode: approve\n    approval: { required: 2, groups: [ops] }', people, []],
  [
    'three of two',
    '    mode: approve\n    approval: { required: 3, groups: [ops] }',
    people,
    ['policies[0] (p): approval wants 3 of ops, and people has fewer of them'],
  ],
])('%s', (_name, rest, more, warnings) => {
  expect(warned(rest, more)).toEqual(warnings)
})
