import { approveCommands, detailsOf, type UpgradeStatus } from '../../src/domain/status'

const status = (more: Partial<UpgradeStatus> = {}): UpgradeStatus => ({
  namespace: 'hub',
  service: 'ledger',
  phase: 'approval',
  planHash: '0123456789ab',
  from: 'v1.0.0',
  to: 'v1.0.1',
  waitingFor: 'an approval of plan 0123456789ab',
  since: '2026-03-01T10:00:00.000Z',
  message: 'v1.0.0 → v1.0.1 waits for a person',
  refusals: [],
  ...more,
})

const details = (given: UpgradeStatus) => detailsOf(given, 'default')

test('a waiting upgrade says for what, since when, what comes next and the exact commands', () => {
  const said = details(status())
  for (const part of [
    'v1.0.0 → v1.0.1',
    'since 2026-03-01T10:00:00.000Z',
    'an approval of plan 0123456789ab',
    '| next | the upgrade window',
    'refit approve hub/ledger --plan 0123456789ab',
    `temporal workflow signal -w refit/upgrade/hub/ledger --name approve --input '{"by":"you@example.org","planHash":"0123456789ab"}'`,
    'refit abort hub/ledger',
  ])
    expect(said).toContain(part)
})

test('what is worth knowing stands there until it has ended, and makes no markdown', () => {
  const warnings = ['ledger *has* no preStop hook']
  expect(details(status({ warnings }))).toContain('- ledger \\*has\\* no preStop hook')
  expect(details(status({ warnings, outcome: 'expired' }))).not.toContain('preStop')
})

test('only the approval shows how to approve', () => {
  expect(details(status({ phase: 'bake' }))).not.toContain('--name approve')
  expect(details(status({ outcome: 'expired' }))).not.toContain('--name approve')
})

test('a held one says what to do, an ended one nothing more', () => {
  expect(details(status({ phase: 'rollout', outcome: 'held', message: 'nobody can tell' }))).toMatch(
    /Ended \*\*held\*\*.*nobody can tell[^]*refit resolve hub\/ledger/,
  )
  expect(details(status({ phase: 'bake', outcome: 'succeeded' }))).not.toContain('refit abort hub')
})

test("a stranger's text is no markdown", () => {
  const said = details(
    status({ message: 'a | b\n# c', refusals: [{ verb: 'approve', by: '[ann](http://evil)', reason: '**bold**' }] }),
  )
  expect(said).toContain('a \\| b # c')
  expect(said).toContain('\\[ann\\](http://evil): \\*\\*bold\\*\\*')
})

test('both commands name the plan', () =>
  expect(approveCommands(status(), 'default').filter((line) => line.includes('0123456789ab'))).toHaveLength(2))

test('outside of the namespace default the command for Temporal names it', () =>
  expect(detailsOf(status(), 'green')).toContain(
    "temporal workflow signal --namespace 'green' -w refit/upgrade/hub/ledger --name approve",
  ))
