import { decision, fakeStore, lastScan, minutesAgo, planHash, upgradeRow } from '../operations/support'
import { refit } from './support'

const event = {
  ...{ upgradeId: `${planHash}-1`, at: minutesAgo(20), phase: 'approval' as const, kind: 'entered', by: null },
  ...{ verified: false, message: 'v1.0.0 → v1.0.1 waits for a person' },
}
const ended = upgradeRow({
  ...{ service: 'quoting', phase: 'bake', outcome: 'succeeded', message: 'v1.0.1 runs', endedAt: minutesAgo(40) },
})
const contents = { scan: lastScan(), decisions: [decision()], upgrades: [upgradeRow(), ended], events: [event] }

describe('refit status --since', () => {
  test('tells what a digest would tell, and the record', async () => {
    const { code, out } = await refit('status --since 12h', { store: fakeStore(contents).store })
    expect(code).toBe(0)
    expect(out).toContain('hub green-hub (test), the last 12 h\n1 waiting for approval, 1 ended')
    expect(out).toContain('waiting for an approval\n  hub/ledger v1.0.0 → v1.0.1, since 2026-11-23T09:30:00Z')
    expect(out).toContain('ended in the last 12 h\n  hub/quoting v1.0.0 → v1.0.1 succeeded at 2026-11-23T09:20:00Z')
    expect(out).toMatch(/2026-11-23T09:40:00Z +hub\/ledger +approval +entered/)
  })

  test('as JSON has everything', async () => {
    const run = await refit('status --since 12h -o json', { store: fakeStore(contents).store })
    expect(run.json()).toMatchObject({
      hub: { name: 'green-hub' },
      from: Date.parse('2026-11-22T22:00:00Z'),
      waiting: [{ name: 'hub/ledger' }],
      ended: [{ name: 'hub/quoting', outcome: 'succeeded' }],
      events: [{ namespace: 'hub', service: 'ledger', kind: 'entered' }],
    })
  })

  test('warns of what makes it untrue', async () => {
    const { store } = fakeStore({ ...contents, scan: lastScan({ complete: false }), undelivered: 2 })
    const { out } = await refit('status --since 12h', { store })
    expect(out).toContain('the last scan could not read every image')
    expect(out).toContain('2 alerts have not reached their target')
  })
})

describe('refit status of a hub with thousands of services', () => {
  const many = Array.from({ length: 3_000 }, (_, i) => decision({ service: `s-${String(i).padStart(4, '0')}` }))
  const store = () =>
    fakeStore({
      ...{ scan: lastScan(), decisions: many },
      upgrades: [
        upgradeRow({ service: 's-2990', outcome: 'held' }),
        ...Array.from({ length: 200 }, (_, i) => upgradeRow({ service: `s-0${i + 100}` })),
        upgradeRow({ service: 's-2991', phase: 'rollout' }),
      ],
    }).store

  test('shows those that need somebody, and counts the rest', async () => {
    const { out } = await refit('status', { store: store() })
    const rows = out.split('\n').filter((line) => /^hub\/s-\d+ +v1/.test(line))
    expect(rows).toHaveLength(60)
    expect(rows[0]).toContain('hub/s-2990')
    expect(rows[1]).toContain('hub/s-2991')
    expect(out).toContain(
      '3000 services: 2798 up-to-date, 200 in phase approval, 1 held, 1 in phase rollout; 2940 are not shown: refit status --all',
    )
  })

  test('shows every one with --all', async () => {
    const { out } = await refit('status --all', { store: store() })
    expect(out.split('\n').filter((line) => /^hub\/s-\d+ +v1/.test(line))).toHaveLength(3_000)
  })
})

test('a refit.yaml that the worker does not know is said', async () => {
  const { store } = fakeStore({ worker: { configHash: 'another', at: minutesAgo(5) } })
  const known = { store, env: { REFIT_CONFIG: 'refit.example.yaml' } }
  expect((await refit('status', known)).out).toContain('refit.yaml is not the one that the worker started with')
  expect((await refit('doctor', known)).out).toMatch(/warn +worker config +the worker that started at .* has another/)
  expect((await refit('status', { store, env: { REFIT_CONFIG: 'nowhere.yaml' } })).out).not.toContain('is not the one')
})
