import { type Config, parseConfig } from '../../src/config'
import { config as approving, decision, fakeStore, fakeTemporal } from '../operations/support'
import { refit, type Surroundings } from './support'

const watching: Config = parseConfig({
  name: 'refit.yaml',
  env: {},
  text: `hub: { name: h, environment: test }\npolicies: [{ name: p, select: { namespaces: [hub], images: ['*'] } }]\n`,
})

/** A hub where nobody polls until a worker is started, which may never begin, or end with these words. */
function hub({
  ends,
  config = watching,
  hadWorker = false,
}: { ends?: string; config?: Config; hadWorker?: boolean } = {}) {
  const started: string[][] = []
  let isUp = false
  const { temporal } = fakeTemporal()
  const worker = hadWorker ? { worker: { configHash: 'x', at: new Date() } } : {}
  const surroundings: Surroundings = {
    config,
    store: fakeStore({ decisions: [decision()], ...worker }).store,
    temporal: { ...temporal, workers: () => Promise.resolve(isUp ? 1 : 0) },
    env: { SECRET: 'kept' },
    startSelf: (args, env) => {
      started.push([...args, `SECRET=${env.SECRET}`])
      isUp = ends === undefined
      return { ended: () => ends, stop: () => Promise.resolve((started.push(['stopped']), undefined)) }
    },
  }
  return { run: (line: string) => refit(line, surroundings), started }
}

test('the first scan of a hub that is only watched has a worker beside it', async () => {
  const { run, started } = hub()
  const { code, out, err } = await run('scan --config x.yaml')
  expect(code).toBe(0)
  expect(out).toContain('hub/ledger')
  expect(err).toContain('no worker has run yet: one runs beside this scan')
  expect(started).toEqual([['--config', 'x.yaml', 'worker', 'SECRET=kept'], ['stopped']])
})

test('its worker is stopped when it ends by itself, and what it said is told', async () => {
  const { run, started } = hub({ ends: 'error: no right to list pods' })
  expect(await run('scan')).toMatchObject({
    code: 1,
    err: expect.stringContaining('ended. error: no right to list pods'),
  })
  expect(started.at(-1)).toEqual(['stopped'])
})

test.each<[string, Parameters<typeof hub>[0], string]>([
  ['where a worker was before', { hadWorker: true }, 'scan'],
  ['where a policy may act', { config: approving }, 'scan'],
  ['when nobody waits for the scan', {}, 'scan --no-wait'],
])('none is started %s', async (_, given, line) => {
  const { run, started } = hub(given)
  const { code, err } = await run(line)
  expect(started).toEqual([])
  if (!line.includes('--no-wait')) expect([code, err]).toEqual([1, expect.stringContaining('Start one: refit worker.')])
})
