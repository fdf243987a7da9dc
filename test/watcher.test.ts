import { look } from '../src/watcher'
import { fakeStore, fakeTemporal, scheduleInfo } from './operations/support'

const watched = (hash: string | undefined, knownHash = 'known') => {
  const warned: unknown[] = []
  const { store, noted } = fakeStore()
  const paused = scheduleInfo({ state: 'paused', note: 'moves' })
  const { temporal } = fakeTemporal({ schedules: () => Promise.resolve([paused]) })
  const logger = { warn: (said: unknown) => void warned.push(said) }
  return { warned, noted, parts: { store, temporal, configHash: () => hash, knownHash, logger } }
}

test('a Schedule that somebody paused in Temporal gets into the record', async () => {
  const { parts, noted } = watched('known')
  await look(parts)
  expect(noted).toEqual([{ schedule: 'refit/scan', paused: true, note: 'moves' }])
})

test.each([
  ['the same', 'known', 'known', 0],
  ['another', 'new', 'new', 1],
  ['one that can not be read just now', undefined, 'known', 0],
])('a refit.yaml that is %s', async (_name, hash, known, warnings) => {
  const { parts, warned } = watched(hash)
  expect(await look(parts)).toBe(known)
  expect(warned).toHaveLength(warnings)
})

test('it warns once of each change', async () => {
  const { parts, warned } = watched('new', 'new')
  await look(parts)
  expect(warned).toEqual([])
})
