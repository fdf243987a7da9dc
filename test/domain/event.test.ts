import { dataKind, eventKinds, isWrite } from '../../src/domain/event'

test('these kinds, and no others, say that something was written', () =>
  expect(eventKinds.filter(isWrite)).toEqual(['started', 'migrated', 'migration-failed', 'patched']))

test('a data phase ends under its own name or as failed', () => {
  expect(dataKind('backfill', true)).toBe('backfill')
  expect(dataKind('contract', false)).toBe('contract-failed')
})
