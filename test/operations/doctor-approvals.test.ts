import { parseConfig } from '../../src/config'
import { checkApprovals } from '../../src/operations/doctor/approvals'
import type { TokenRow } from '../../src/store/contracts'
import { minutesAgo, now } from './support'

const configOf = (approval: string, { mode = 'approve', bot = '' } = {}) =>
  parseConfig({
    name: 'refit.yaml',
    env: { BOT: 'xoxb', SIGNING: 's' },
    text: `
hub: { name: green-hub, environment: test }
people:
  - { name: ana, slack: U1, groups: [tech-ops] }
  - { name: ben, groups: [tech-ops] }
policies: [{ name: core, select: { namespaces: [hub], images: ['*'] }, mode: ${mode}, approval: ${approval} }]
alerts: [${bot}]
`,
  })
const token = (name: string, changed: Partial<TokenRow> = {}): TokenRow => ({
  ...{ id: name, name, scope: 'approver', createdAt: minutesAgo(9), createdBy: 'me' },
  ...{ expiresAt: null, lastUsedAt: null, revokedAt: null, ...changed },
})
const withButtons = '{ slackBot: { token: "${BOT}", channel: C1, signingSecret: "${SIGNING}" } }'
const withoutButtons = '{ slackBot: { token: "${BOT}", channel: C1 } }'

test.each<[string, ReturnType<typeof configOf>, TokenRow[], string[]]>([
  ['nobody has a token', configOf('{}'), [], ['warn']],
  ['somebody has one', configOf('{}'), [token('ana')], ['ok']],
  ['it only reads', configOf('{}'), [token('ana', { scope: 'viewer' })], ['warn']],
  ['it has expired', configOf('{}'), [token('ana', { expiresAt: minutesAgo(1) })], ['warn']],
  ['it was revoked', configOf('{}'), [token('ana', { revokedAt: minutesAgo(1) })], ['warn']],
  ['Slack has buttons', configOf('{}', { bot: withButtons }), [], ['ok']],
  ['Slack has none', configOf('{}', { bot: withoutButtons }), [], ['warn']],
  ['one of two has one, twice', configOf('{ required: 2 }'), [token('ana'), token('ana', { id: '2' })], ['warn']],
  ['a token and Slack are two', configOf('{ required: 2 }', { bot: withButtons }), [token('ben')], ['ok']],
  ['whoever has one is not in the group', configOf('{ groups: [tech-ops] }'), [token('cleo')], ['warn']],
  ['nobody could request', configOf('{ makerChecker: true }'), [token('ana')], ['warn']],
  ['names count that nobody verified', configOf('{ unverified: accept }'), [], []],
  ['nobody is asked', configOf('{ required: 0 }'), [], []],
  ['it only watches', configOf('{}', { mode: 'watch' }), [], []],
])('when %s', (_name, config, tokens, states) => {
  expect(checkApprovals(config, tokens, now).map(({ state }) => state)).toEqual(states)
})

test('it says who is missing and how to mend it', () => {
  expect(checkApprovals(configOf('{ required: 2, groups: [tech-ops] }'), [token('ana')], now)).toEqual([
    {
      ...{ name: 'approvals', state: 'warn' },
      message: 'policy core wants 2 verified approvals of tech-ops, and 1 person with a way to say so is missing',
      next: expect.stringContaining('refit token create NAME --scope approver'),
    },
  ])
})
