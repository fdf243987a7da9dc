import { MockActivityEnvironment } from '@temporalio/testing'
import { concludeScan } from '../../src/activities/conclude-scan'
import type { Dependencies } from '../../src/activities/dependencies'
import type { ScanSummary } from '../../src/activities/contracts'
import type { DecisionKind } from '../../src/domain/decision'
import { config, decision, fakeRegistry } from '../operations/support'
import { answer, startHttpServer, type TestServer } from '../support/http-server'

let server: TestServer
beforeAll(async () => void (server = await startHttpServer()))
beforeEach(() => void (server.received.length = 0))
afterAll(() => server.close())

const observed = { startedAt: 0, batches: [] }

/** The end of a scan that saw these decisions; what was logged. */
async function conclude({ kind = 'up-to-date', only = false }: { kind?: DecisionKind; only?: boolean } = {}) {
  const log: unknown[] = []
  const note = (...said: unknown[]) => void log.push(said)
  const nothing = () => Promise.resolve()
  const deps = {
    config: { ...config, heartbeat: `${server.url}/beat/secret` },
    store: {
      decisions: { forget: nothing, list: () => Promise.resolve([decision({ kind })]) },
      scans: { save: nothing },
      upgrades: { listOpen: () => Promise.resolve([]) },
      releases: { listOpen: () => Promise.resolve([]) },
      batches: { remove: nothing, read: nothing },
      healthSamples: { forget: nothing },
      outbox: { add: nothing },
    },
    registry: fakeRegistry(),
    notifiers: [],
    logger: { info: note, warn: note },
  } as unknown as Dependencies
  const scan = { scanId: 'scan-1', ...observed, ...(only ? { only: [decision().repository] } : {}) }
  const summary = await new MockActivityEnvironment().run<[typeof scan], ScanSummary, ReturnType<typeof concludeScan>>(
    concludeScan(deps),
    scan,
  )
  return { summary, log: JSON.stringify(log) }
}

test('a complete scan calls the heartbeat', async () => {
  expect((await conclude()).summary.complete).toBe(true)
  expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /beat/secret'])
})

test('a scan that could not read everything is silent, which is what gets noticed', async () => {
  expect((await conclude({ kind: 'registry-error' })).summary.complete).toBe(false)
  expect(server.received).toEqual([])
})

test('a scan of a few repositories says nothing of the hub', async () => {
  await conclude({ only: true })
  expect(server.received).toEqual([])
})

test('a heartbeat that fails fails no scan, and its URL is not logged', async () => {
  server.answerWith(answer(500, 'beat/secret is not known'))
  const { summary, log } = await conclude()
  expect(summary.complete).toBe(true)
  expect(log).toContain('it answered 500')
  expect(log).not.toContain('secret')
})
