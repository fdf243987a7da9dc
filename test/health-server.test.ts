import getPort from 'get-port'
import { startHealthServer } from '../src/health-server'

const text = () => Promise.resolve('refit_up 1\n')
const contentType = 'text/plain; version=0.0.4'
const asked = async (path: string, state = 'RUNNING', metrics = { contentType, text }) => {
  const address = `127.0.0.1:${await getPort({ host: '127.0.0.1' })}`
  const close = await startHealthServer(address, { getState: () => state as 'RUNNING' }, metrics)
  try {
    const answer = await fetch(`http://${address}${path}`, { headers: { connection: 'close' } })
    return [answer.status, await answer.text()]
  } finally {
    await close()
  }
}

test.each([
  ['/livez', 'RUNNING', 200],
  ['/livez', 'DRAINING', 200],
  ['/livez', 'FAILED', 503],
  ['/readyz', 'RUNNING', 200],
  ['/readyz', 'DRAINING', 503],
  ['/else', 'RUNNING', 404],
])('%s of a worker that is %s answers %i', async (path, state, status) => {
  expect(await asked(path, state)).toEqual([status, `${state}\n`])
})

test('/metrics is for Prometheus', async () => {
  expect(await asked('/metrics')).toEqual([200, 'refit_up 1\n'])
})

test('metrics that can not be put together are an error, and the server goes on', async () => {
  const broken = () => Promise.reject(new Error('S3CRET'))
  expect(await asked('/metrics', 'RUNNING', { contentType, text: broken })).toEqual([
    500,
    'the metrics could not be put together\n',
  ])
})

test('without an address nothing listens', async () => {
  await (
    await startHealthServer('', { getState: () => 'RUNNING' }, { contentType, text })
  )()
})
