/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { RefitError } from '../../src/domain/errors'
import { doctor } from '../../src/operations/doctor'
import type { TargetRow } from '../../src/store/contracts'
import type { DoctorParts } from '../../src/operations/doctor/check'
import { config, fakeKubernetes, fakeRegistry, fakeStore, fakeTemporal, lastScan, scheduleInfo } from './support'

const on = ['page'] as const
const told = {
  ...config,
  alerts: [{ kind: 'alertmanager' as const, url: 'https://a.example', on, allowPrivate: false }],
}
const parts = (changed: Partial<DoctorParts> = {}): DoctorParts => ({
  config: async () => told,
  store: async () => fakeStore({ scan: lastScan() }).store,
  temporal: async () => fakeTemporal().temporal,
  kubernetes: async () => fakeKubernetes(),
  registry: async () => fakeRegistry(),
  ...changed,
})
const away =
  (code: 'DATABASE_UNAVAILABLE' | 'TEMPORAL_UNAVAILABLE' | 'KUBERNETES_UNAVAILABLE' | 'CONFIG_INVALID') => () =>
    Promise.reject(new RefitError(code, `${code}.`, 'Start it.'))
const states = async (changed: Partial<DoctorParts>) =>
  Object.fromEntries((await doctor(parts(changed))).checks.map(({ name, state }) => [name, state]))

describe('doctor', () => {
  test('finds a whole hub healthy', async () => {
    const report = await doctor(parts())
    expect(report.healthy).toBe(true)
    expect(report.checks.map(({ name, state, next }) => [name, state, next])).toEqual(
      [
        'config',
        'database',
        'alerts',
        'temporal',
        'search attributes',
        'scan schedule',
        'worker',
        'kubernetes',
        'permissions',
        'registry 127.0.0.1:5000',
        'clocks',
      ].map((name) => [name, 'ok', null]),
    )
  })

  test.each<[string, Partial<DoctorParts>, Record<string, string>]>([
    ['database away', { store: away('DATABASE_UNAVAILABLE') }, { database: 'fail', temporal: 'ok' }],
    ['Temporal away', { temporal: away('TEMPORAL_UNAVAILABLE') }, { temporal: 'fail', kubernetes: 'ok' }],
    [
      'cluster away',
      { kubernetes: away('KUBERNETES_UNAVAILABLE') },
      { kubernetes: 'fail', registries: 'warn', database: 'ok' },
    ],
    [
      'configuration wrong',
      { config: away('CONFIG_INVALID') },
      { config: 'fail', kubernetes: 'ok', permissions: 'warn', registries: 'warn' },
    ],
    [
      'rights on the store missing',
      { store: async () => fakeStore({ scan: lastScan(), lacking: ['INSERT on audit'] }).store },
      { database: 'fail' },
    ],
    ['migrations pending', { store: async () => fakeStore({ pending: 2 }).store }, { database: 'warn' }],
    [
      'no worker any more',
      {
        temporal: async () => fakeTemporal({ workers: 0 }).temporal,
        store: async () => fakeStore({ worker: { configHash: 'x', at: new Date() } }).store,
      },
      { worker: 'fail', temporal: 'ok' },
    ],
    [
      'no worker yet',
      { temporal: async () => fakeTemporal({ workers: 0 }).temporal },
      { worker: 'warn', temporal: 'ok' },
    ],
    [
      'no worker, and nobody knows whether there was one',
      { temporal: async () => fakeTemporal({ workers: 0 }).temporal, store: away('DATABASE_UNAVAILABLE') },
      { worker: 'fail', database: 'fail' },
    ],
    [
      'nothing prepared in Temporal',
      {
        temporal: async () =>
          fakeTemporal({
            check: async () => ({ missingSearchAttributes: ['RefitPhase'], lastPollAt: null }),
            schedules: async () => [scheduleInfo({ state: 'missing' })],
          }).temporal,
      },
      { 'search attributes': 'warn', 'scan schedule': 'warn' },
    ],
    [
      'rights missing',
      {
        kubernetes: async () =>
          fakeKubernetes({
            denied: async (_namespace, rights) => rights.slice(0, 1),
          }),
      },
      { permissions: 'fail' },
    ],
    [
      'registry away',
      {
        registry: async () =>
          fakeRegistry([], {
            listTags: () => Promise.reject(new RefitError('REGISTRY_UNAVAILABLE', 'away', 'Try again.')),
          }),
      },
      { 'registry 127.0.0.1:5000': 'fail' },
    ],
    [
      'nothing deployed',
      { kubernetes: async () => fakeKubernetes({ observeServices: async () => [] }) },
      { registries: 'warn' },
    ],
  ])('%s', async (_name, changed, expected) => {
    expect(await states(changed)).toMatchObject(expected)
  })

  test('every line that is not ok has a next step', async () => {
    const { checks } = await doctor(
      parts({
        config: away('CONFIG_INVALID'),
        store: () => Promise.reject(new Error('odd')),
        temporal: async () => fakeTemporal({ workers: 0 }).temporal,
      }),
    )
    for (const { state, next } of checks) expect(state === 'ok' || Boolean(next)).toBe(true)
  })

  test.each([
    ['openjdk version "17.0.15" 2025-04-15', 'ok'],
    ['openjdk version "11.0.2" 2019-01-15', 'warn'],
  ])('a developer’s %s is %s', async (output, state) => {
    expect(await states({ runTool: async () => output })).toMatchObject({ JDK: state })
  })

  test('tools that are missing are a warning, for developers only', async () => {
    expect(await states({ runTool: () => Promise.reject(new Error('ENOENT')) })).toMatchObject({
      JDK: 'warn',
      Maven: 'warn',
    })
    expect(await states({})).not.toHaveProperty('JDK')
  })
})

describe('what doctor says of alerts', () => {
  const row = (changed: Partial<TargetRow> = {}): TargetRow => ({
    target: 'alertmanager#1',
    waiting: 0,
    dead: 0,
    oldest: null,
    lastError: '',
    told: false,
    ...changed,
  })
  const alerts = async (changed: Partial<DoctorParts>) =>
    (await doctor(parts(changed))).checks
      .filter(({ name }) => name === 'alerts')
      .map(({ state, message }) => `${state} ${message}`)
  const rows = (...targets: TargetRow[]) => ({ store: async () => fakeStore({ targets }).store })

  test.each<[string, Partial<DoctorParts>, string[]]>([
    ['nobody is told', { config: async () => config }, ['warn nobody is told anything: refit.yaml has no targets']],
    [
      'nobody is paged',
      { config: async () => ({ ...told, alerts: told.alerts.map((each) => ({ ...each, on: ['info' as const] })) }) },
      ['warn no target gets pages'],
    ],
    [
      'some wait for a moment',
      rows(row({ waiting: 2, oldest: new Date() })),
      ['ok alertmanager#1, nothing stuck, no dead letters'],
    ],
    [
      'some are stuck, others given up',
      rows(row({ waiting: 2, oldest: new Date(0), lastError: 'away.' }), row({ target: 'email#1', dead: 1 })),
      [
        'fail 2 alerts wait for alertmanager#1 since 1970-01-01T00:00:00Z: away.',
        'warn 1 alert to email#1 was given up',
      ],
    ],
    ['the schema is older', { store: async () => fakeStore({ pending: 1 }).store }, []],
  ])('%s', async (_, changed, expected) => {
    expect(await alerts(changed)).toEqual(expected)
  })
})
