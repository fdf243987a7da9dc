import { upgradeAlert } from '../../src/domain/alerts'
import type { AlertLevel } from '../../src/domain/alert'
import type { EventKind } from '../../src/domain/event'
import { askedOnce, planOf, policy } from './fixtures'

const plan = planOf({ policy: policy({ approval: { ...askedOnce, required: 2, unverified: 'refuse' } }) })
const news = (kind: EventKind) => ({
  ...{ hub: plan.hub, temporalNamespace: 'green', plan, planHash: '0123456789ab', upgradeId: '0123456789ab-1' },
  ...{
    key: 'said/1',
    phase: 'approval' as const,
    kind,
    message: 'because',
    expiresAt: Date.parse('2026-11-24T10:00:00Z'),
  },
})

test.each<[EventKind, AlertLevel, string]>([
  ['emergency', 'page', 'starts as an EMERGENCY'],
  ['escalated', 'action', 'expires at 2026-11-24T10:00:00Z: refit approve hub/ledger --plan 0123456789ab'],
  ['asked-again', 'action', 'waits for approval again, expires at 2026-11-24T10:00:00Z'],
  ['paused', 'action', 'was paused'],
  ['withdrawn', 'info', 'has an approval less'],
  ['waits', 'action', 'stands still'],
])('%s is a %s', (kind, level, words) => {
  const alert = upgradeAlert(news(kind))
  expect(alert?.level).toBe(level)
  expect(alert?.title).toBe(`hub/ledger v1.0.0 → v1.0.1 ${words}`)
  expect(alert?.text).toContain('because')
})

test('where only verified names count no command is shown that would be refused', () => {
  const text = upgradeAlert(news('escalated'))?.text
  expect(text).toContain('refit approve hub/ledger --plan 0123456789ab')
  expect(text).not.toContain('temporal workflow signal')
})

test('a rollback that blames nobody says that it is offered again', () => {
  const ended = { ...news('ended'), outcome: 'rolled-back' as const }
  expect(upgradeAlert({ ...ended, offeredAgain: true })?.text).toContain('The next scan offers v1.0.1 again.')
  expect(upgradeAlert(ended)?.text).toContain('is quarantined')
})
