import { type Alert, dataAlert, resolvedAlert, upgradeAlert, type UpgradeNews } from '../../src/domain/alerts'
import type { Outcome } from '../../src/domain/status'
import { planOf } from '../store/plans'
import { hub } from './alerts-support'

describe('what an upgrade says', () => {
  const plan = planOf()
  const entry = {
    hub,
    temporalNamespace: 'green',
    plan,
    planHash: '0123456789ab',
    upgradeId: '0123456789ab-1',
    key: 'ended',
    phase: 'bake' as const,
    kind: 'ended' as const,
    message: 'the reason',
  }

  it('when it waits for approval: the commands first', () => {
    const alert = upgradeAlert({ ...entry, key: 'approval', phase: 'approval', kind: 'entered' })
    expect(alert).toMatchObject({
      level: 'action',
      key: 'upgrade/0123456789ab-1/approval',
      title: 'hub/ledger v1.0.0 → v1.0.1 waits for approval',
    })
    const lines = alert?.text.split('\n') ?? []
    expect(lines[0]).toBe('```')
    expect(lines[1]).toBe('refit approve hub/ledger --plan 0123456789ab')
    expect(lines[2]).toMatch(
      /^temporal workflow signal --namespace 'green' .*refit\/upgrade\/hub\/ledger.*--name approve/,
    )
    expect(lines[2]).toContain('"planHash":"0123456789ab"')
    expect(alert?.text).toContain('expires after 3 d')
  })

  it('when it waits for approval: why, what changes, where to look and what to answer', () => {
    const asked = { ...entry, key: 'approval', phase: 'approval' as const, kind: 'entered' as const }
    const changes = { compare: 'https://git.example/compare/a...b', releaseNotes: 'https://git.example/notes' }
    const alert = upgradeAlert({
      ...asked,
      temporalUi: 'https://temporal.example/ui/',
      offered: {
        reason: 'v1.0.1 is the newest <that> bugfix allows.',
        candidate: { tag: 'v1.0.1', digest: plan.to.digest, security: 'CVE-2026-1', changes },
      },
    })
    expect(alert).toMatchObject({
      thread: '0123456789ab-1',
      url: 'https://temporal.example/ui/namespaces/green/workflows/refit%2Fupgrade%2Fhub%2Fledger',
      actions: { upgradeId: '0123456789ab-1', planHash: '0123456789ab' },
    })
    expect(alert?.text).toContain(
      [
        'Offered because v1.0.1 is the newest &lt;that&gt; bugfix allows.',
        'Security: CVE-2026-1.',
        'What changes: https://git.example/compare/a...b , https://git.example/notes',
        'It would change ',
      ].join('\n'),
    )
    expect(upgradeAlert(asked)?.text).not.toContain('Offered')
  })

  it('when it waits for approval: what is worth knowing, as much as fits', () => {
    const asked = { ...entry, key: 'approval', phase: 'approval' as const, kind: 'entered' as const }
    const warnings = Array.from({ length: 8 }, (_, index) => `warning ${index} <b>.`)
    const text = upgradeAlert({ ...asked, warnings })?.text ?? ''
    expect(text.match(/^Worth knowing: .*$/gm)).toHaveLength(6)
    expect(text).toContain('Worth knowing: warning 0 &lt;b&gt;.\n')
    expect(text).toContain('2 more of these: refit plan.')
    expect(upgradeAlert(asked)?.text).not.toContain('Worth knowing')
  })

  it.each<[Partial<UpgradeNews>, boolean, boolean]>([
    [{ kind: 'entered' }, false, true],
    [{ kind: 'asked-again' }, false, true],
    [{ kind: 'escalated' }, false, true],
    [{ kind: 'voted' }, true, false],
    [{ kind: 'refused' }, true, false],
    [{ kind: 'approved' }, false, false],
    [{ kind: 'refused', phase: 'rollout' }, true, false],
    [{ kind: 'entered', phase: 'rollout' }, false, false],
    [{ kind: 'ended', outcome: 'expired' }, false, false],
  ])('asks only while it waits, and a remark leaves the question as it is: %j', (changed, aside, asks) => {
    const alert = upgradeAlert({ ...entry, phase: 'approval', ...changed })
    expect([alert?.aside ?? false, alert?.actions !== undefined]).toEqual([aside, asks])
  })

  it('when a person resolved it: in the same thread', () => {
    expect(resolvedAlert({ hub, plan, upgradeId: 'x-1', by: 'ana', reason: 'by hand' })).toMatchObject({
      key: 'upgrade/x-1/resolved',
      level: 'info',
      thread: 'x-1',
      facts: { upgradeId: 'x-1', by: 'ana' },
    })
  })

  it.each<[Outcome, Alert['level'], string]>([
    ['succeeded', 'info', 'succeeded'],
    ['rolled-back', 'action', 'was rolled back'],
    ['held', 'page', 'is HELD and needs a person'],
    ['expired', 'action', 'expired'],
    ['refused', 'action', 'was refused'],
    ['rejected', 'info', 'was rejected'],
    ['aborted', 'action', 'was aborted'],
    ['superseded', 'info', 'was superseded'],
  ])('when it ended %s: a %s, with the reason', (outcome, level, words) => {
    const alert = upgradeAlert({ ...entry, outcome })
    expect(alert).toMatchObject({ level, title: `hub/ledger v1.0.0 → v1.0.1 ${words}` })
    expect(alert?.text).toContain('*green-hub* (production): *hub/ledger*')
    expect(alert?.text).toContain('the reason')
  })

  it('when it is held: the commands first, the runbook, what was seen, and the last lines of the pod', () => {
    const pods = [
      {
        workload: 'ledger',
        pod: 'ledger-1',
        container: 'app',
        state: 'not ready',
        log: ['a <b>', '```'],
        events: ['X: y'],
      },
    ]
    const diagnosis = {
      phase: 'rollout',
      kind: 'unknown',
      rule: 'environment',
      sentence: '',
      at: '',
      pods,
      unread: [],
    } as const
    const heldReason = 'environment'
    const alert = upgradeAlert({ ...entry, outcome: 'held', heldReason, diagnosis: { ...diagnosis, pods, unread: [] } })
    const { upgradeId } = entry
    expect(alert?.text.split('\n').slice(0, 5)).toEqual([
      '```',
      `refit history --upgrade ${upgradeId} --logs`,
      'refit resume hub/ledger',
      'refit resume hub/ledger --rollback',
      '```',
    ])
    expect(alert?.text).toContain('docs/runbook.md#environment')
    expect(alert?.text).toContain('Pod ledger-1 of ledger, container app: not ready.')
    expect(alert?.text).toContain("Last lines of ledger-1:\n```\na &lt;b&gt;\n'''\n```")
    expect(alert?.facts).toMatchObject({ rule: 'environment', runbook: 'docs/runbook.md#environment' })
  })

  it('is nothing where nobody would want to know', () => {
    expect(upgradeAlert({ ...entry, outcome: 'up-to-date' })).toBeUndefined()
    expect(upgradeAlert({ ...entry, kind: 'entered', phase: 'preflight' })).toBeUndefined()
    expect(upgradeAlert({ ...entry, kind: 'patched' })).toBeUndefined()
  })

  it('pages when its data phase stops', () => {
    const alert = dataAlert({ hub, plan, upgradeId: 'x-1', phase: 'contract', reason: 'lock timeout' })
    expect(alert).toMatchObject({ level: 'page', key: 'data/x-1/contract', title: 'hub/ledger: contract stopped' })
    expect(alert.text).toContain('lock timeout')
  })
})
