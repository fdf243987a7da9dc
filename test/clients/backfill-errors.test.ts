import { RefitError } from '../../src/domain/errors'
import { backfillError } from '../../src/clients/backfill-errors'

const thrown = (message: string, code?: string) => Object.assign(new Error(message), code === undefined ? {} : { code })

test.each([
  ["Duplicate entry 'alice@example.org' for key 'by_mail'", "Duplicate entry … for key 'by_mail'"],
  ["Duplicate entry 'it's' for key 'k'", "Duplicate entry … for key 'k'"],
  [
    "Incorrect integer value: 'secret' for column `t`.`a`.`b` at row 3",
    'Incorrect integer value: … for column `t`.`a`.`b`',
  ],
  ["Truncated incorrect DOUBLE value: 'secret'", 'Truncated incorrect DOUBLE value: …'],
  ['invalid input syntax for type integer: "secret"', 'invalid input syntax for type integer: …'],
])('no value of a row is said: %s', (message, said) => {
  const error = backfillError(thrown(message, 'X'), 'MariaDB', () => 'wrong') as RefitError
  expect(error.message).toContain(said)
  expect(error.message).not.toMatch(/secret|alice|it's/)
})

test.each([
  ['login', 'DATABASE_UNAVAILABLE', 'refused the login'],
  ['right', 'MIGRATION_REFUSED', 'lacks a right'],
  ['wrong', 'MIGRATION_FAILED', 'The backfill failed'],
  ['lost', 'DATABASE_UNAVAILABLE', 'was lost'],
] as const)('an error of class %s', (kind, code, said) =>
  expect(backfillError(thrown('x', 'X'), 'MariaDB', () => kind)).toMatchObject({
    code,
    message: expect.stringContaining(said) as string,
  }),
)

test('without a code it is a lost connection only if it says so; one of Refit stays as it is', () => {
  const bug = new TypeError('x is not a function')
  expect(backfillError(bug, 'MariaDB', () => 'wrong')).toBe(bug)
  expect(
    backfillError(thrown("Can't add new command when connection is in closed state"), 'MariaDB', () => 'wrong'),
  ).toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
  })
  const own = new RefitError('LEASE_LOST', 'a', 'b')
  expect(backfillError(own, 'MariaDB', () => 'wrong')).toBe(own)
})
