import { createHintWindow } from '../../src/operations/hint-window'

beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())

function hints(fails: () => boolean = () => false) {
  const passed: string[][] = []
  const reported: unknown[] = []
  const window = createHintWindow(
    (repositories) => {
      passed.push(repositories)
      return fails() ? Promise.reject(new Error('away')) : Promise.resolve()
    },
    { windowMs: 1_000, report: (error) => void reported.push(error) },
  )
  return { window, passed, reported }
}

test('a first hint goes through at once', async () => {
  const { window, passed } = hints()
  await window.offer(['a', 'b', 'a'])
  expect(passed).toEqual([['a', 'b']])
  await jest.advanceTimersByTimeAsync(5_000)
  expect(passed).toHaveLength(1)
})

test('what is hinted again within the window goes through once when it ends, and opens another', async () => {
  const { window, passed } = hints()
  await window.offer(['a', 'b'])
  await jest.advanceTimersByTimeAsync(500)
  await window.offer(['a'])
  await window.offer(['a', 'c'])
  expect(passed).toEqual([['a', 'b'], ['c']])
  await jest.advanceTimersByTimeAsync(500)
  expect(passed).toEqual([['a', 'b'], ['c'], ['a']])
  await window.offer(['a'])
  expect(passed).toHaveLength(3)
  await jest.advanceTimersByTimeAsync(1_000)
  expect(passed).toHaveLength(4)
})

test('after the window a hint goes through at once again', async () => {
  const { window, passed } = hints()
  await window.offer(['a'])
  await jest.advanceTimersByTimeAsync(1_000)
  await window.offer(['a'])
  expect(passed).toEqual([['a'], ['a']])
})

test('a failure is the caller’s, and his next try goes through', async () => {
  let away = true
  const { window, passed, reported } = hints(() => away)
  await expect(window.offer(['a'])).rejects.toThrow('away')
  away = false
  await window.offer(['a'])
  expect([passed, reported]).toEqual([[['a'], ['a']], []])
})

test('a failure that nobody waits for is reported', async () => {
  let away = false
  const { window, reported } = hints(() => away)
  await window.offer(['a'])
  await window.offer(['a'])
  away = true
  await jest.advanceTimersByTimeAsync(1_000)
  expect(reported).toEqual([new Error('away')])
})

test('closing passes on what waits, and leaves no timer', async () => {
  const { window, passed } = hints()
  await window.offer(['a', 'b'])
  await window.offer(['b'])
  await window.close()
  expect(passed).toEqual([['a', 'b'], ['b']])
  expect(jest.getTimerCount()).toBe(0)
})
