import { Registry } from 'prom-client'
import { createMetrics } from '../src/metrics'
import { figureText } from '../src/metrics-figures'
import { createMeter } from '../src/metrics-worker'
import { RefitError } from '../src/domain/errors'
import type { Figures } from '../src/store/contracts'
import { figuresOf, samplesOf } from './support/figures'

const labels = { hub: 'green-hub', environment: 'test' }
const hub = 'hub="green-hub",environment="test"'
const shown = async (changed: Partial<Figures>, targets: string[] = []) =>
  samplesOf(await figureText(figuresOf(changed), { targets, labels }))

describe('how a hub stands', () => {
  test.each<[string, Partial<Figures>, string, number]>([
    ['a service that has a candidate', { decisions: { candidate: 3 } }, `refit_decisions{kind="candidate",${hub}}`, 3],
    ['no service of a kind', {}, `refit_decisions{kind="suspicious",${hub}}`, 0],
    ['an upgrade in a phase', { open: { bake: 2 } }, `refit_upgrades_open{phase="bake",${hub}}`, 2],
    ['no upgrade in a phase', {}, `refit_upgrades_open{phase="rollback",${hub}}`, 0],
    ['how upgrades ended', { ended: { held: 4 } }, `refit_upgrades_on_record{outcome="held",${hub}}`, 4],
    ['what a person must see to', { held: 1 }, `refit_upgrades_held{${hub}}`, 1],
    ['approvals by age', { approvals: { 86400: 5 } }, `refit_approvals_waiting{older_than="24h",${hub}}`, 5],
    ['approvals of no age', {}, `refit_approvals_waiting{older_than="72h",${hub}}`, 0],
    ['the longest wait', { oldestApproval: 61.5 }, `refit_approvals_oldest_seconds{${hub}}`, 61.5],
    ['that nobody waits', {}, `refit_approvals_oldest_seconds{${hub}}`, 0],
    ['that there was no complete scan', {}, `refit_scan_last_complete_timestamp_seconds{${hub}}`, 0],
    [
      'the last complete scan',
      { scan: { lastAt: 20, lastCompleteAt: 10, lastSeconds: 3 } },
      `refit_scan_last_complete_timestamp_seconds{${hub}}`,
      10,
    ],
    [
      'a registry that fails',
      { registries: [{ host: 'r.example.org:5000', repositories: 9, failing: 2, doubted: 1 }] },
      `refit_registry_failing{host="r.example.org:5000",${hub}}`,
      2,
    ],
    ['a Schedule that runs', {}, `refit_schedule_paused{schedule="refit/scan",${hub}}`, 0],
    [
      'a Schedule that is paused',
      { schedulesPaused: ['refit/scan'] },
      `refit_schedule_paused{schedule="refit/scan",${hub}}`,
      1,
    ],
    ['the freeze of the hub', { freezes: { hub: 1, namespaces: 2 } }, `refit_freezes{scope="namespace",${hub}}`, 2],
    [
      'a backfill that runs',
      { data: [{ phase: 'backfill', running: 1, waiting: 0 }] },
      `refit_data_open{phase="backfill",waits="false",${hub}}`,
      1,
    ],
    ['no data workflow', {}, `refit_data_open{phase="contract",waits="true",${hub}}`, 0],
  ])('tells of %s', async (_, changed, name, value) => {
    expect(await shown(changed)).toMatchObject({ [name]: value })
  })

  test('a target of refit.yaml is told of before its first alert, and one that refit.yaml has no more after it', async () => {
    const outbox = [{ target: 'webhook#1', waiting: 2, dead: 1, oldest: 9 }]
    expect(await shown({ outbox }, ['slack#1'])).toMatchObject({
      [`refit_outbox_waiting{target="slack#1",${hub}}`]: 0,
      [`refit_outbox_waiting{target="webhook#1",${hub}}`]: 2,
      [`refit_outbox_dead{target="webhook#1",${hub}}`]: 1,
      [`refit_outbox_oldest_seconds{target="webhook#1",${hub}}`]: 9,
    })
  })
})

describe('/metrics of a process', () => {
  const away = () => Promise.reject(new RefitError('DATABASE_UNAVAILABLE', 'PostgreSQL is away.', 'Start it.'))
  const made = (read: () => Promise<Figures>) => {
    const warnings: string[] = []
    const clock = { now: 0 }
    const reads = { count: 0 }
    const figures = { read: () => (reads.count++, state.read()) }
    const state = { read }
    const metrics = createMetrics({
      ...{ process: 'worker' as const, version: '1.2.3' },
      config: { hub: { name: 'green-hub', environment: 'test' }, scan: { everyMs: 300_000 }, alerts: [] },
      store: { figures },
      warn: (_, message) => void warnings.push(message),
      now: () => clock.now,
    })
    return { metrics, warnings, clock, reads, state, samples: async () => samplesOf(await metrics.text()) }
  }

  test('says which build it is, how often it scans, and how the hub stands', async () => {
    const { samples } = made(() => Promise.resolve(figuresOf({ held: 1 })))
    expect(await samples()).toMatchObject({
      [`refit_build_info{process="worker",version="1.2.3",${hub}}`]: 1,
      [`refit_scan_interval_seconds{${hub}}`]: 300,
      [`refit_store_up{${hub}}`]: 1,
      [`refit_upgrades_held{${hub}}`]: 1,
    })
  })

  test('without the store has the numbers of the process, none of the hub, and warns once', async () => {
    const { samples, warnings, state } = made(away)
    const first = await samples()
    expect(first).toMatchObject({ [`refit_store_up{${hub}}`]: 0, [`refit_store_read_failures_total{${hub}}`]: 1 })
    expect(Object.keys(first)).toEqual(expect.arrayContaining([expect.stringMatching(/^process_cpu_seconds_total/)]))
    expect(Object.keys(first).filter((name) => name.startsWith('refit_upgrades'))).toEqual([])
    await samples()
    expect(warnings).toEqual(['the store could not be read for /metrics'])
    state.read = () => Promise.resolve(figuresOf())
    expect(await samples()).toMatchObject({ [`refit_store_up{${hub}}`]: 1, [`refit_upgrades_held{${hub}}`]: 0 })
  })

  test('asks the store once for scrapes within ten seconds, also for those at one time', async () => {
    const { samples, reads, clock } = made(() => Promise.resolve(figuresOf()))
    await Promise.all([samples(), samples(), samples()])
    clock.now = 9_999
    await samples()
    expect(reads.count).toBe(1)
    clock.now = 10_000
    await samples()
    expect(reads.count).toBe(2)
  })

  test('does not wait for a store that hangs', async () => {
    jest.useFakeTimers({ doNotFake: ['performance', 'hrtime', 'nextTick', 'setImmediate'] })
    try {
      const { samples } = made(() => new Promise(() => undefined))
      const answer = samples()
      await jest.advanceTimersByTimeAsync(5_000)
      expect(await answer).toMatchObject({ [`refit_store_up{${hub}}`]: 0 })
    } finally {
      jest.useRealTimers()
    }
  })
})

test('a worker counts what it does', async () => {
  const registry = new Registry()
  const meter = createMeter(registry, () => ({ 'r.example.org': 7 }))
  meter.upgradeEnded({ outcome: 'succeeded', phase: 'bake', seconds: 42 })
  meter.upgradeEnded({ outcome: 'rejected', phase: 'approval' })
  meter.dataEnded('held')
  meter.backfilled({ namespace: 'hub', service: 'ledger' }, 500)
  meter.backfilled({ namespace: 'hub', service: 'ledger' }, -1)
  meter.detected(30)
  meter.scanned({ complete: true, hinted: false, seconds: 2 })
  expect(samplesOf(await registry.metrics())).toMatchObject({
    'refit_upgrades_ended_total{outcome="succeeded",phase="bake"}': 1,
    'refit_upgrades_ended_total{outcome="rejected",phase="approval"}': 1,
    'refit_upgrades_ended_total{outcome="rolled-back",phase="rollback"}': 0,
    'refit_upgrade_seconds_sum{outcome="succeeded"}': 42,
    'refit_data_ended_total{outcome="held"}': 1,
    'refit_backfill_rows_total{namespace="hub",service="ledger"}': 500,
    'refit_detect_seconds_bucket{le="30"}': 1,
    'refit_scan_seconds_count{complete="true",hinted="false"}': 1,
    'refit_registry_requests_total{host="r.example.org"}': 7,
  })
})
