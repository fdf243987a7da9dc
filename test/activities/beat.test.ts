import { MockActivityEnvironment } from '@temporalio/testing'
import { whileAlive, withHeartbeat } from '../../src/activities/beat'

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

/** What a work of so many milliseconds says by heartbeats. */
async function heard(
  work: (ms: number) => Promise<unknown>,
  ms: number,
  heartbeatDetails?: unknown,
  { isLocal = false }: { isLocal?: boolean } = {},
) {
  const env = new MockActivityEnvironment({ heartbeatDetails, isLocal })
  const beats: unknown[] = []
  env.on('heartbeat', (details: unknown) => beats.push(details))
  const ended = env.run(work, ms)
  await jest.advanceTimersByTimeAsync(ms)
  await ended
  await jest.advanceTimersByTimeAsync(10_000)
  return beats.map((beat) => JSON.stringify(beat))
}
const lasts = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('a short step costs no heartbeat, a long one tells every two seconds that its worker lives, until it ends', async () => {
  expect(await heard((ms) => whileAlive(() => lasts(ms)), 1_900)).toEqual([])
  expect(await heard((ms) => whileAlive(() => lasts(ms)), 5_000)).toHaveLength(2)
})

test('a step in the worker of its workflow has no heartbeat', async () => {
  expect(await heard((ms) => whileAlive(() => lasts(ms)), 5_000, undefined, { isLocal: true })).toEqual([])
})

test('what an earlier attempt said is kept until this one says more', async () => {
  const silent = (ms: number) => whileAlive(() => lasts(ms))
  expect(await heard(silent, 5_000, { restarts: 1 })).toEqual(['{"restarts":1}', '{"restarts":1}'])
  const speaks = (ms: number) =>
    whileAlive(() =>
      withHeartbeat(
        () => ({ restarts: 2 }),
        () => lasts(ms),
      ),
    )
  expect(new Set(await heard(speaks, 5_000, { restarts: 1 }))).toEqual(new Set(['{"restarts":2}']))
})

test('after a part that spoke, its last words are repeated', async () => {
  const works = async (ms: number) => {
    await withHeartbeat(
      () => 'rolling',
      () => lasts(ms / 2),
    )
    await lasts(ms / 2)
  }
  expect(new Set(await heard((ms) => whileAlive(() => works(ms)), 8_000))).toEqual(new Set(['"rolling"']))
})

test('a failure ends the heartbeats too', async () => {
  const fails = async (ms: number) => {
    await lasts(ms)
    throw new Error('lost')
  }
  const beats = await heard((ms) => whileAlive(() => fails(ms)).catch(() => undefined), 3_000)
  expect(beats).toHaveLength(1)
})
