import { refit } from './support'
import { fakeStore, fakeTemporal, scheduleInfo } from '../operations/support'

const paused = scheduleInfo({ state: 'paused', note: 'paused by ana at 2026-11-23T08:00:00Z: the registry moves' })

describe('refit schedule show', () => {
  test('prints the last and next runs', async () => {
    const { out } = await refit('schedule show')
    expect(out).toContain('refit/scan: active')
    expect(out).toContain('last runs\n  2026-11-23T09:59:00Z  refit/scan-2026-11-23T09:59:00Z')
    expect(out).toContain('next runs\n  2026-11-23T10:04:00Z')
    expect(out).toContain('made up for within 5 min')
  })

  test('says who paused it, when and why', async () => {
    const { temporal } = fakeTemporal({ schedules: () => Promise.resolve([paused]) })
    const { out } = await refit('schedule show scan', { temporal })
    expect(out).toContain('paused: paused by ana at 2026-11-23T08:00:00Z: the registry moves')
    expect(out).toContain('none while it is paused')
  })

  test('of a Schedule that is not there says what makes it', async () => {
    const missing = scheduleInfo({ id: 'refit/digest', state: 'missing' })
    const { temporal } = fakeTemporal({ schedules: () => Promise.resolve([missing]) })
    expect((await refit('schedule show digest', { temporal })).out).toContain('there is none; refit.yaml may have no')
  })

  test('knows two', async () => expect((await refit('schedule show upgrade')).err).toContain('scan and digest'))
})

test('pause and resume leave who, when and why with Temporal and in the record', async () => {
  const { store, noted } = fakeStore()
  const said: string[][] = []
  const { temporal } = fakeTemporal({
    pauseSchedule: (...args) => Promise.resolve(void said.push(args)),
    resumeSchedule: (...args) => Promise.resolve(void said.push(args)),
  })
  const run = await refit(['schedule', 'pause', 'scan', '--reason', 'moves', '--by', 'ana'], { store, temporal })
  expect(run.out).toContain('next: refit schedule resume scan')
  await refit(['schedule', 'resume', 'scan', '--by', 'ana'], { store, temporal })
  expect(said).toEqual([
    ['refit/scan', 'paused by ana (unverified) at 2026-11-23T10:00:00Z: moves'],
    ['refit/scan', 'resumed by ana (unverified) at 2026-11-23T10:00:00Z'],
  ])
  expect(noted).toMatchObject([
    { schedule: 'refit/scan', paused: true, by: 'ana' },
    { schedule: 'refit/scan', paused: false, by: 'ana' },
  ])
})

test('trigger names the run', async () => {
  expect((await refit('schedule trigger digest')).out).toContain('triggered: refit/digest-2')
  const { temporal } = fakeTemporal({ triggerSchedule: () => Promise.resolve(undefined) })
  expect((await refit('schedule trigger digest', { temporal })).code).toBe(4)
})

test('a paused Schedule is said in status and by doctor', async () => {
  const { store } = fakeStore({ paused: [{ schedule: 'refit/scan', note: 'paused by ana', at: new Date(0) }] })
  expect((await refit('status', { store })).out).toContain(
    'Schedule refit/scan is paused: paused by ana (refit schedule resume scan)',
  )
  const { temporal } = fakeTemporal({ schedules: () => Promise.resolve([paused]) })
  expect((await refit('doctor', { store, temporal })).out).toMatch(
    /warn +scan schedule .*nothing is scanned\n.*next: refit schedule resume scan/,
  )
})
