import { knexDefaults } from '../../../src/domain/migrations/knex-list'
import { afterLatest, predictLatest } from '../../../src/domain/migrations/prediction'
import { rollbackAnswer, type RunsMigrations } from '../../../src/domain/migrations/rollback-answer'

const lax = { ...knexDefaults, disableMigrationsListValidation: true }
const corrupt = (names: string) => `The migration directory is corrupt, the following files are missing: ${names}`

test.each([
  ['a new database gets all', ['1', '2'], [], false, knexDefaults, { kind: 'applies', pending: ['1', '2'] }],
  [
    'what is applied is left out',
    ['1', '2', '3'],
    ['1', '3'],
    false,
    knexDefaults,
    { kind: 'applies', pending: ['2'] },
  ],
  ['nothing pending', ['1'], ['1'], false, knexDefaults, { kind: 'applies', pending: [] }],
  [
    'applied names without a file, in the order in which they were applied',
    ['1'],
    ['3', '1', '2'],
    false,
    knexDefaults,
    { kind: 'refuses', why: 'missing', missing: ['3', '2'], says: corrupt('3, 2') },
  ],
  ['not where the validation is off', ['1', '4'], ['1', '2'], false, lax, { kind: 'applies', pending: ['4'] }],
  [
    'a lock, even with nothing pending',
    ['1'],
    ['1'],
    true,
    knexDefaults,
    { kind: 'refuses', why: 'locked', missing: [], says: 'Migration table is already locked' },
  ],
  [
    'missing files are told before a lock',
    ['1'],
    ['2'],
    true,
    knexDefaults,
    { kind: 'refuses', why: 'missing', missing: ['2'], says: corrupt('2') },
  ],
])('knex latest: %s', (_what, files, names, locked, options, prediction) => {
  expect(predictLatest(files, { names, locked }, options)).toEqual(prediction)
})

test('what latest applies comes after what was applied', () => {
  expect(afterLatest(['3'], ['1', '2', '3'])).toEqual(['3', '1', '2'])
})

describe('the rollback', () => {
  const says = corrupt('2')
  const off = { name: 'LEDGER_MIGRATIONS_DISABLED', value: 'true' }
  test.each<[string, RunsMigrations | undefined, object]>([
    ['nobody knows who migrates', undefined, { kind: 'unknown', says }],
    ['nobody does when a pod starts', { startUp: false }, { kind: 'not-asked', says }],
    [
      'an init container does: it stays new',
      { initContainer: 'run-migration', startUp: false },
      { kind: 'starts-with', says, keepNew: 'run-migration' },
    ],
    ['the start-up does, with a switch', { startUp: true, switch: off }, { kind: 'starts-with', says, set: off }],
    [
      'both do: both are needed',
      { initContainer: 'run-migration', startUp: true, switch: off },
      { kind: 'starts-with', says, keepNew: 'run-migration', set: off },
    ],
    [
      'the start-up does and has no switch',
      { initContainer: 'run-migration', startUp: true },
      { kind: 'refused', says, why: expect.stringContaining('no documented switch') },
    ],
  ])('of an image that would refuse, when %s', (_what, runs, answer) => {
    expect(rollbackAnswer({ old: ['1'], new: ['1', '2'], applied: ['1'], ...(runs ? { runs } : {}) })).toEqual(answer)
  })

  test('starts where nothing is new, or where the validation is off', () => {
    const runs = { initContainer: 'migrate', startUp: true }
    expect(rollbackAnswer({ old: ['1'], new: ['1'], applied: ['1'], runs })).toEqual({ kind: 'starts', pending: [] })
    const both = { old: ['1'], new: ['1', '2'], applied: ['1'], runs }
    expect(rollbackAnswer({ ...both, options: lax })).toEqual({ kind: 'starts', pending: [] })
  })

  test('is refused as well for what the database had before, of an image in between', () => {
    expect(rollbackAnswer({ old: ['1'], new: ['1'], applied: ['1', '9'] })).toEqual({
      kind: 'unknown',
      says: corrupt('9'),
    })
  })
})
