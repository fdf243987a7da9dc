import { coalesced } from '../../src/clients/kubernetes/coalesced'

/** A read whose runs end when the test says. */
function slow() {
  const runs: { key: string; resolve: (value: number) => void; reject: (error: Error) => void }[] = []
  const read = coalesced((key) => new Promise<number>((resolve, reject) => void runs.push({ key, resolve, reject })))
  return { runs, read }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('who comes while one is under way gets the next, shared by all who wait', async () => {
  const { runs, read } = slow()
  const first = read('hub')
  const later = [read('hub'), read('hub'), read('hub')]
  expect(runs).toHaveLength(1)
  runs[0]?.resolve(1)
  expect(await first).toBe(1)
  await turn()
  expect(runs).toHaveLength(2)
  const last = read('hub')
  runs[1]?.resolve(2)
  expect(await Promise.all(later)).toEqual([2, 2, 2])
  await turn()
  runs[2]?.resolve(3)
  expect(await last).toBe(3)
})

test('a failure is told to those who shared it, and the next run is begun all the same', async () => {
  const { runs, read } = slow()
  const first = read('hub')
  const later = read('hub')
  runs[0]?.reject(new Error('away'))
  await expect(first).rejects.toThrow('away')
  await turn()
  runs[1]?.resolve(2)
  expect(await later).toBe(2)
})

test('keys do not wait for each other', () => {
  const { runs, read } = slow()
  void read('hub')
  void read('other')
  expect(runs.map(({ key }) => key)).toEqual(['hub', 'other'])
})

test("a caller's signal ends its own wait and nobody else's", async () => {
  const { runs, read } = slow()
  const controller = new AbortController()
  const mine = read('hub', controller.signal)
  const first = expect(mine).rejects.toThrow('enough')
  controller.abort(new Error('enough'))
  await first
  const theirs = read('hub')
  runs[0]?.resolve(1)
  await turn()
  runs[1]?.resolve(2)
  expect(await theirs).toBe(2)
  await expect(read('hub', controller.signal)).rejects.toThrow('enough')
})
