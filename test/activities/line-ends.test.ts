import { scansOfRepository } from '../support/repository-scans'
import { parseConfig } from '../../src/config'

const lastDay = '2027-01-31'
const config = parseConfig({
  name: 'refit.yaml',
  env: {},
  text: `hub: { name: green-hub, environment: test }
policies: [{ name: core, select: { namespaces: [hub], images: ['*/hub/*'] } }]
supported: [{ images: ['*/hub/ledger'], line: 1.0.x, until: ${lastDay} }]\n`,
})

afterEach(() => jest.useRealTimers())

test.each([
  ['by its time', false],
  ['also when the time to look again was never kept', true],
])('a supported line that ends is noticed although nothing else changed: %s', async (_, isLost) => {
  jest.useFakeTimers({ now: Date.parse(`${lastDay}T23:00:00Z`) })
  const world = scansOfRepository()
  world.config = config
  expect((await world.scan()).kinds).toEqual(['candidate'])
  expect((await world.scan()).kinds).toEqual([])
  const [[key, row] = []] = world.decisions
  if (isLost && key && row) world.decisions.set(key, { ...row, revisitAt: Infinity })
  jest.setSystemTime(Date.parse('2027-02-01T00:00:00Z'))
  expect((await world.scan()).kinds).toEqual(['unsupported'])
  expect((await world.scan()).kinds).toEqual([])
})
