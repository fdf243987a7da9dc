import { statusByError } from '../../src/api/statuses'
import { errorCodes } from '../../src/domain/errors'

test('every error code has a status of an error', () => {
  expect(Object.keys(statusByError).sort()).toEqual([...errorCodes].sort())
  for (const status of Object.values(statusByError)) expect(status).toBeGreaterThanOrEqual(400)
})
