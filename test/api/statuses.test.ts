import { statusByError } from '../../src/api/statuses'
import { errorCodes } from '../../src/domain/errors'

test('every error code has a status of an error', () => {
  expect(Object.keys(statusByError).sort()).toEqual([...errorCodes].sort())
  for (const status of Object.values(statusByError)) expect(status).toBeGreaterThanOrEqual(400)
})

test.each([
  ['UNAUTHENTICATED', 401],
  ['FORBIDDEN', 403],
  ['APPROVAL_REFUSED', 409],
  ['PLAN_CHANGED', 409],
  ['RELEASE_REFUSED', 409],
  ['RELEASE_INVALID', 422],
  ['RELEASE_UNKNOWN', 404],
  ['TOKEN_UNKNOWN', 404],
  ['FREEZE_UNKNOWN', 404],
  ['ALERT_UNKNOWN', 404],
  ['SERVER_UNAVAILABLE', 502],
  ['PROMOTION_UNAVAILABLE', 502],
  ['ALERT_REFUSED', 502],
] as const)('%s is answered with %i', (code, status) => {
  expect(statusByError[code]).toBe(status)
})
