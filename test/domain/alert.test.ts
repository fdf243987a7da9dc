import { type AlertLevel, plainText, routesOf, targetsOf } from '../../src/domain/alerts'

const routes = routesOf([
  { kind: 'slack', on: ['action', 'page'] },
  { kind: 'slackBot', on: ['page'] },
  { kind: 'slack', on: ['info'] },
  { kind: 'alertmanager', on: ['page'] },
])

test.each<[AlertLevel, string | undefined, string[]]>([
  ['info', undefined, ['slack#2']],
  ['action', undefined, ['slack#1']],
  ['page', undefined, ['slack#1', 'slackBot#1', 'alertmanager#1']],
  ['info', 'a thread', ['slackBot#1', 'slack#2', 'alertmanager#1']],
])('level %s of %s goes to %j', (level, thread, expected) => {
  expect(targetsOf(routes, { level, ...(thread ? { thread } : {}) })).toEqual(expected)
})

test.each([
  ['*green-hub* (production): *hub/ledger* v1 → v2', 'green-hub (production): hub/ledger v1 → v2'],
  ['• *hub/a* v1: x.', '• hub/a v1: x.'],
  ['```\nrefit plan hub/a\n```\nnext: `refit status`', 'refit plan hub/a\nnext: refit status'],
  ['a &lt;b&gt; &amp;amp; c', 'a <b> &amp; c'],
  ['0 2 * * SAT and 3 * 4', '0 2 * * SAT and 3 * 4'],
])('%j without Slack marks', (text, expected) => {
  expect(plainText(text)).toBe(expected)
})
