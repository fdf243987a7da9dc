import { candidate, decision, scan } from './alerts-support'

const policies = [{ name: 'core', migrations: [] }]
const outside = decision('ledger', { kind: 'unsupported', reason: 'v13.4.1 is not supported' })
const supported = [
  { release: '16.x', until: '2026-11-01' },
  { release: '17.x', until: '2026-12-20' },
  { images: ['hub/ledger'], line: '1.0.x', until: '2027-02-01' },
  { release: '18.x', until: '2028-01-01' },
]

describe('what is without support', () => {
  it('is one message, with a topic for each line that ends and each service outside', () => {
    const alerts = scan([outside, decision('quoting', { lines: ['1.0.x'] })], { config: { policies, supported } })
    const alert = alerts.find(({ key }) => key === 'scan/support')
    expect(alert).toMatchObject({
      level: 'action',
      title: '1 service outside its supported lines; 1 supported line has ended; 2 supported lines end soon',
      news: {
        'line/release 16.x': '2026-11-01 0',
        'line/release 17.x': '2026-12-20 30',
        'line/line 1.0.x of hub/ledger': '2027-02-01 90',
        'support/hub/ledger': 'unsupported v1.0.0',
      },
    })
    expect(alert?.text.split('\n').slice(1)).toEqual([
      '• release 16.x ended after 2026-11-01',
      '• release 17.x ends in 26 days, after 2026-12-20',
      '• line 1.0.x of hub/ledger ends in 69 days, after 2027-02-01',
      '• *hub/ledger* unsupported: v13.4.1 is not supported',
    ])
    expect(alerts.find(({ key }) => key === 'scan/state')?.settles).toMatchObject({
      'support/hub/quoting': 'supported',
    })
  })

  it('is nothing when all lines go on', () =>
    expect(
      scan([decision('ledger')], { config: { policies, supported: [{ release: '18.x', until: '2028-01-01' }] } }).map(
        ({ key }) => key,
      ),
    ).toEqual(['scan/state']))
})

describe('a candidate', () => {
  const changes = {
    compare: 'https://github.com/a/b/compare/v1...v2',
    releaseNotes: 'https://github.com/a/b/releases/tag/v2',
  }
  const offered = (more: object) =>
    scan([candidate('ledger', { candidate: { tag: 'v1.0.1', digest: 'sha256:b', ...more } })])[0]?.text

  it('comes with what changes, and with why it is urgent', () =>
    expect(offered({ changes, security: 'CVE-2026-1 <!channel>' })).toContain(
      `Security: CVE-2026-1 &lt;!channel&gt;. What changes: ${changes.compare} , ${changes.releaseNotes}`,
    ))

  it('comes without links that are too long', () =>
    expect(offered({ changes: { compare: `https://github.com/a/${'b'.repeat(400)}` } })).not.toContain('What changes'))
})

it('what an age holds is not offered, whoever owns it', () =>
  expect(
    scan([candidate('ledger', { kind: 'held', holds: ['age'], reason: 'too young' })], {
      services: [],
    })[0]?.key,
  ).toBe('scan/state'))
