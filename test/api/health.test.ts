import { RefitError } from '../../src/domain/errors'
import { memoryStore, serve } from './support'

const asked = async (url: string, check: () => Promise<{ pending: number }>) => {
  const { app } = await serve({ store: { ...memoryStore().store, check } })
  const answer = await app.inject(url)
  return [answer.statusCode, answer.json<{ status: unknown }>().status]
}
const away = () => Promise.reject(new RefitError('DATABASE_UNAVAILABLE', 'away', 'Try again.'))

test('/livez says that the process turns, whatever the store does', async () => {
  expect(await asked('/livez', away)).toEqual([200, 'ok'])
})

test('/readyz says that the store is there', async () => {
  expect(await asked('/readyz', () => Promise.resolve({ pending: 0 }))).toEqual([200, 'ok'])
})

test.each([
  ['is away', away],
  ['lacks tables', () => Promise.resolve({ pending: 1 })],
])('/readyz is 503 when the store %s', async (_, check) => {
  expect(await asked('/readyz', check)).toEqual([503, 503])
})
