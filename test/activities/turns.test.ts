import { CancelledFailure } from '@temporalio/activity'
import { MockActivityEnvironment } from '@temporalio/testing'
import { turns } from '../../src/activities/turns'
import { run } from './support'

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('thirty-two go at once, the next one when one of them gives its turn back', async () => {
  const take = turns()
  const taken: (() => void)[] = []
  const takeOne = () => run(take).then((giveBack) => void taken.push(giveBack))
  await Promise.all(Array.from({ length: 32 }, takeOne))
  const next = takeOne()
  await settled()
  expect(taken).toHaveLength(32)
  taken[0]?.()
  await next
  expect(taken).toHaveLength(33)
})

test('who is cancelled while waiting leaves the turn to others', async () => {
  const take = turns()
  const [first] = await Promise.all(Array.from({ length: 32 }, () => run(take)))
  const environment = new MockActivityEnvironment()
  const waiting = environment.run(take)
  const next = run(take)
  environment.cancel()
  await expect(waiting).rejects.toThrow(CancelledFailure)
  first?.()
  await expect(next).resolves.toBeInstanceOf(Function)
})
