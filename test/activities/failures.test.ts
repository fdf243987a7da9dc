import { MockActivityEnvironment } from '@temporalio/testing'
import { asActivities } from '../../src/activities/failures'
import { RefitError } from '../../src/domain/errors'

const failing = (error: Error) => asActivities({ step: () => Promise.reject(error) }).step
const failure = (error: Error, attempt = 1): Promise<unknown> =>
  new MockActivityEnvironment({ attempt }).run(failing(error)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )

test.each([
  ['what can not change by trying again', new RefitError('PLAN_CHANGED', 'Changed.', 'Look.'), 1, true],
  ['a server that is away', new RefitError('KUBERNETES_UNAVAILABLE', 'Away.', 'Wait.'), 9, false],
  [
    'a right that an API server which has just started does not know of',
    new RefitError('KUBERNETES_FORBIDDEN', 'No.', 'Grant it.'),
    1,
    false,
  ],
  [
    'a right that is still missing at the sixth try',
    new RefitError('KUBERNETES_FORBIDDEN', 'No.', 'Grant it.'),
    6,
    true,
  ],
])('%s', async (_what, error, attempt, nonRetryable) => {
  expect(await failure(error, attempt)).toMatchObject({ type: error.code, nonRetryable })
})

test('an error of another kind is as it was', async () => {
  const error = new Error('a mistake')
  expect(await failure(error)).toBe(error)
})
