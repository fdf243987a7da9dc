import { allowedNext, approveCommands, detailsOf, outcomes, phases, type UpgradeStatus } from '../../src/domain/status'

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

test('every phase leads somewhere, every outcome is reached, and nothing leads back', () => {
  const reached = new Set(phases.flatMap((phase) => allowedNext[phase]))
  expect([...outcomes].filter((outcome) => !reached.has(outcome))).toEqual([])
  for (const phase of phases)
    for (const next of allowedNext[phase])
      if ((phases as readonly string[]).includes(next))
        expect(phases.indexOf(next as never)).toBeGreaterThan(phases.indexOf(phase))
})

test.each(['expand', 'rollout', 'bake', 'rollback'] as const)(
  'after the first write (%s) nobody can reject, expire or supersede',
  (phase) => {
    expect(
      allowedNext[phase].filter((next) =>
        ['rejected', 'expired', 'superseded', 'refused', 'up-to-date'].includes(next),
      ),
    ).toEqual([])
  },
)

test('a waiting upgrade says for what, since when, what comes next and the exact commands', () => {
  const details = detailsOf(status())
  for (const part of [
    'v1.0.0 → v1.0.1',
    'since 2026-03-01T10:00:00.000Z',
    'an approval of plan 0123456789ab',
    '| next | the upgrade window',
    'refit approve hub/ledger --plan 0123456789ab',
    `temporal workflow signal -w refit/upgrade/hub/ledger --name approve --input '{"by":"you@example.org","planHash":"0123456789ab"}'`,
    'refit abort hub/ledger',
  ])
    expect(details).toContain(part)
})

test('only the approval shows how to approve', () => {
  expect(detailsOf(status({ phase: 'bake' }))).not.toContain('--name approve')
  expect(detailsOf(status({ outcome: 'expired' }))).not.toContain('--name approve')
})

test('a held one says what to do, an ended one nothing more', () => {
  expect(detailsOf(status({ phase: 'rollout', outcome: 'held', message: 'nobody can tell' }))).toMatch(
    /Ended \*\*held\*\*.*nobody can tell[^]*refit resolve hub\/ledger/,
  )
  expect(detailsOf(status({ phase: 'bake', outcome: 'succeeded' }))).not.toContain('refit abort hub')
})

test("a stranger's text is no markdown", () => {
  const details = detailsOf(
    status({ message: 'a | b\n# c', refusals: [{ verb: 'approve', by: '[ann](http://evil)', reason: '**bold**' }] }),
  )
  expect(details).toContain('a \\| b # c')
  expect(details).toContain('\\[ann\\](http://evil): \\*\\*bold\\*\\*')
})

test('both commands name the plan', () =>
  expect(approveCommands(status()).filter((line) => line.includes('0123456789ab'))).toHaveLength(2))
