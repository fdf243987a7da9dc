import type { Decision } from '../../src/domain/decision'
import { orphanAlert } from '../../src/domain/orphan-alert'
import { candidate, decision, scan } from './alerts-support'

describe('what a scan says', () => {
  it('of candidates: one message, the commands first, from → to and why', () => {
    const [alert, ...rest] = scan([
      candidate('ledger'),
      candidate('quoting', { mode: 'approve' }),
      candidate('als', { mode: 'automatic' }),
      decision('x'),
    ])
    expect(rest).toEqual([])
    expect(alert).toMatchObject({ level: 'action', title: '3 services can be upgraded', hub: 'green-hub' })
    expect(alert?.text).toBe(`*green-hub* (production): 3 services can be upgraded
\`\`\`
refit plan hub/ledger
refit status hub/quoting
refit status hub/als
\`\`\`
• *hub/ledger* v1.0.0 → v1.0.1: v1.0.1 is the newest that bugfix allows from v1.0.0. Its policy only watches.
• *hub/quoting* v1.0.0 → v1.0.1: v1.0.1 is the newest that bugfix allows from v1.0.0. Its plan and the command that approves it follow.
• *hub/als* v1.0.0 → v1.0.1: v1.0.1 is the newest that bugfix allows from v1.0.0. It starts by itself in its next window.`)
  })

  it('is the same news while nothing changes, and other news when a digest does', () => {
    const news = (rest: Partial<Decision> = {}, scanId = 's1') => scan([candidate('ledger', rest)], { scanId })[0]?.news
    expect(news({}, 's2')).toEqual(news())
    expect(news({ candidate: { tag: 'v1.0.1', digest: 'sha256:other' } })).not.toEqual(news())
    expect(news({ current: 'v0.9.0' })).not.toEqual(news())
  })

  it('brings every topic that it read up to date, so that it is news when it comes back', () => {
    const [alert] = scan([
      candidate('ledger'),
      decision('quoting'),
      decision('als', { kind: 'registry-error', reason: 'away' }),
    ])
    expect(Object.keys(alert?.news ?? {})).toEqual(['candidate/hub/ledger'])
    expect(alert?.settles).toEqual({
      'candidate/hub/quoting': 'none',
      'read/hub/ledger': 'ok',
      'read/hub/quoting': 'ok',
      'scan/state': 'candidates',
    })
  })

  it.each<[Decision['kind'], string]>([
    ['registry-error', 'registry.example answered 503'],
    ['unknown-image', 'there is no such repository'],
    ['suspicious', 'the list shrank from 40 tags to 3'],
    ['unparseable', 'latest is not a version'],
  ])('of a service that it could not judge (%s): so, and never "up to date"', (kind, reason) => {
    const alerts = scan([decision('ledger', { kind, reason }), decision('quoting')], { complete: false })
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatchObject({
      level: 'action',
      title: '1 of 2 services could not be judged',
      news: { 'read/hub/ledger': kind },
    })
    expect(alerts[0]?.text).toContain(kind)
    expect(`${alerts[0]?.text} ${alerts[0]?.mlOperatorText}`).not.toMatch(/up to date/)
  })

  it('is "up to date" only of all that is watched, and of at least one', () => {
    expect(scan([decision('ledger'), decision('other', { kind: 'unwatched' })])).toMatchObject([
      { level: 'info', title: 'all 1 watched services are up to date' },
    ])
    expect(scan([decision('ledger'), decision('quoting', { kind: 'held', reason: 'quarantined' })])).toMatchObject([
      { level: 'info', title: 'nothing new; not up to date: hub/quoting (held)' },
    ])
    expect(scan([decision('x', { kind: 'not-deployed' })])[0]?.title).not.toContain('all')
    expect(scan([])).toMatchObject([
      { level: 'action', title: 'no service is watched: no policy selects anything that runs' },
    ])
    expect(scan([decision('ledger')], { complete: false })[0]?.title).not.toContain('up to date')
  })

  it('of an upgrade whose workflow was ended from outside: a page', () => {
    const orphan = { id: 'abc-1', namespace: 'hub', service: 'ledger', fromTag: 'v1', toTag: 'v2', phase: 'rollout' }
    const page = orphanAlert({ name: 'green-hub', environment: 'production' }, orphan)
    expect(page).toMatchObject({ level: 'page', key: 'orphan/abc-1' })
    expect(page.text).toMatch(
      /^```\nrefit history --upgrade abc-1 --logs\nrefit resume hub\/ledger\nrefit resume hub\/ledger --rollback\n```/,
    )
    expect(page.text).toContain('docs/runbook.md#orphaned')
  })

  it('stays readable with hundreds of services', () => {
    const [alert] = scan(Array.from({ length: 300 }, (_, i) => candidate(`s${i}`, { reason: 'r'.repeat(2_000) })))
    expect(alert?.text.length).toBeLessThan(40_000)
    expect(alert?.text).toContain('… and 260 more')
    expect(Object.keys(alert?.news ?? {})).toHaveLength(300)
  })

  it('cannot be made to mention a channel, to link or to open a code block', () => {
    const [alert] = scan([candidate('ledger', { reason: '<!channel> `x` ```\n<https://evil.example|click>' })])
    expect(alert?.text).not.toMatch(/<|```.*```.*```/s)
    expect(alert?.text).toContain("&lt;!channel&gt; 'x'")
  })
})

describe('while an upgrade is under way', () => {
  const moving = new Set(['hub/ledger'])

  it('nothing is called up to date, and nothing unwatched', () => {
    expect(scan([decision('ledger'), decision('quoting')], { moving })).toEqual([])
    expect(scan([decision('ledger')], { moving })).toEqual([])
  })

  it('its service is no candidate, and its topic is left alone', () => {
    const [alert, ...rest] = scan([candidate('ledger'), candidate('quoting')], { moving })
    expect(rest).toEqual([])
    expect(Object.keys(alert?.news ?? {})).toEqual(['candidate/hub/quoting'])
    expect(Object.keys(alert?.settles ?? {})).not.toContain('candidate/hub/ledger')
  })
})
