import { exitCodeByError, exitCodeOf, exitCodes } from '../../src/cli/exit-codes'
import { errorCodes, RefitError } from '../../src/domain/errors'

test('the exit codes that scripts rely on', () => {
  expect(exitCodes).toEqual({ ok: 0, failed: 1, usage: 2, refused: 3, timedOut: 4, notFound: 5, needsPerson: 6 })
})

test('every error has one, and none ends well or asks for a person', () => {
  for (const code of errorCodes) expect([1, 2, 3, 4, 5]).toContain(exitCodeByError[code])
  expect(Object.keys(exitCodeByError).sort()).toEqual([...errorCodes].sort())
})

test.each([
  ['CONFIG_INVALID', 2],
  ['USAGE', 2],
  ['APPROVAL_REFUSED', 3],
  ['PLAN_CHANGED', 3],
  ['UNAUTHENTICATED', 3],
  ['FORBIDDEN', 3],
  ['RELEASE_REFUSED', 3],
  ['RELEASE_INVALID', 2],
  ['RELEASE_UNKNOWN', 5],
  ['TOKEN_UNKNOWN', 5],
  ['FREEZE_UNKNOWN', 5],
  ['ALERT_UNKNOWN', 5],
  ['SERVER_UNAVAILABLE', 1],
  ['PROMOTION_UNAVAILABLE', 1],
  ['ALERT_REFUSED', 1],
  ['KUBERNETES_CONFLICT', 3],
  ['WAIT_EXPIRED', 4],
  ['SERVICE_UNKNOWN', 5],
  ['UPGRADE_UNKNOWN', 5],
  ['NO_WORKER', 1],
  ['TEMPORAL_UNAVAILABLE', 1],
] as const)('%s exits %i', (code, exit) => {
  expect(exitCodeOf(new RefitError(code, 'x', 'Try again.'))).toBe(exit)
})

test('anything unforeseen exits 1', () => {
  expect(exitCodeOf(new Error('x'))).toBe(1)
  expect(exitCodeOf('x')).toBe(1)
})
