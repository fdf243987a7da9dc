import { ActivityFailure, ApplicationFailure, RetryState, TimeoutFailure } from '@temporalio/common'
import { causeOf } from '../../src/workflows/cause'

const failed = (cause?: Error) =>
  new ActivityFailure('Activity task failed', 'rollout', '1', RetryState.TIMEOUT, 'worker', cause)

test.each([
  ['what an activity said', failed(ApplicationFailure.nonRetryable('the plan changed')), 'the plan changed'],
  ['why it was given up', failed(new TimeoutFailure('no heartbeat', undefined, 'HEARTBEAT')), 'no heartbeat'],
  ['a failure without a cause', failed(), 'Activity task failed'],
  ['an error of the workflow itself', new Error('wrong'), 'wrong'],
  ['anything else', 'odd', 'odd'],
])('%s is told in words', (_name, error, words) => expect(causeOf(error)).toBe(words))
