import { createOpened } from '../src/opened'

test('what was opened last is closed first, and what can not be closed is told and keeps nothing else open', async () => {
  const closed: string[] = []
  const told: unknown[] = []
  const { opens, closeAll } = createOpened((error) => told.push(error))
  const close = (name: string) => Promise.resolve(closed.push(name))
  expect(opens('store', close)).toBe('store')
  opens('temporal', () => Promise.reject(new Error('stuck')))
  opens('app', close)
  await closeAll()
  expect(closed).toEqual(['app', 'store'])
  expect(told).toEqual([new Error('stuck')])
})
