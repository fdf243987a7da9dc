import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { startLoad } from '../../examples/hub/load'
import { verifyLedger } from '../../examples/hub/verify'
import type { Stack } from '../../stack'
import { Programs, testStack, type Running } from './support'

jest.setTimeout(120_000)

let stack: Stack
let remove: () => Promise<void>
let programs: Programs
let url: string
let databases = 0

beforeAll(async () => {
  ;({ stack, remove } = await testStack(['postgres']))
})
afterAll(() => remove())

beforeEach(async () => {
  const name = `hub_load_${++databases}`
  await stack.postgres.createDatabase(name)
  url = stack.postgres.url(name)
  programs = new Programs(url)
  await programs.run('ledger:v1.1.3', ['migrate'])
})
afterEach(() => programs.close())

test('counts every payment and finds each in the ledger exactly once', async () => {
  const [api, quoting] = await Promise.all([
    programs.start('ledger:v1.0.0', ['api']),
    programs.start('quoting:v1.0.0'),
    programs.start('ledger:v1.0.0', ['consumer']),
  ])
  const seconds: number[] = []
  const load = startLoad({
    ledgerUrl: api.url,
    quotingUrl: quoting.url,
    ratePerSecond: 100,
    onTick: ({ second }) => seconds.push(second),
  })
  await sleep(2_500)
  const { sent, ok, failed, okIds, latency } = await load.stop()
  expect({ failed, all: ok === sent, rate: sent >= 200 && sent <= 260 }).toEqual({ failed: 0, all: true, rate: true })
  expect(seconds).toEqual([1, 2])
  expect(latency.p50).toBeGreaterThan(0)
  expect(await verifyLedger(url, okIds)).toMatchObject({ sound: true, checked: ok, wrongCount: 0, overlaps: 0 })
})

test('counts one failure in twenty against the release that fails them, and still finds the books sound', async () => {
  const api = await programs.start('ledger:v1.1.2', ['api'])
  await programs.start('ledger:v1.1.2', ['consumer'])
  const load = startLoad({ ledgerUrl: api.url, ratePerSecond: 200 })
  await sleep(1_500)
  const { sent, failed, reasons, okIds, failedIds } = await load.stop()
  expect(failed).toBe(Math.floor(sent / 20))
  expect(reasons).toEqual({ 'status 500': failed })
  expect(await verifyLedger(url, okIds, failedIds)).toMatchObject({ sound: true, failedYetBooked: 0 })
})

test('reports a payment that was answered but lost, and one that was booked wrongly', async () => {
  const database = new Client({ connectionString: url })
  await database.connect()
  await database.query(`insert into transfer ("transferId", payer, payee, amount) values ('half', 'a', 'b', 5)`)
  await database.query(
    `insert into "ledgerEntry" ("transferId", side, account, amount) values ('half', 'DEBIT', 'a', 5)`,
  )
  await database.end()
  const verification = await verifyLedger(url, ['lost', 'half'])
  expect(verification).toMatchObject({ sound: false, wrongCount: 2, debits: 5, credits: 0 })
  expect([...verification.wrong].sort()).toEqual(['half', 'lost'])
})

test('counts what can’t be reached as failed', async () => {
  const load = startLoad({ ledgerUrl: 'http://127.0.0.1:1', ratePerSecond: 50 })
  await sleep(300)
  const { sent, failed, reasons } = await load.stop()
  expect(sent).toBeGreaterThan(5)
  expect(reasons).toEqual({ ECONNREFUSED: failed })
  expect(failed).toBe(sent)
})

test('a pod that gets SIGTERM under load drains without a failed request', async () => {
  const api = await programs.start('ledger:v1.0.0', ['api'], { DRAIN_SECONDS: '3' })
  const front = await balance([api])
  const load = startLoad({ ledgerUrl: front.url, ratePerSecond: 40 })
  await sleep(1_000)
  const next = await programs.start('ledger:v1.0.1', ['api'])
  front.targets.push(next)
  const stopped = api.stop()
  await sleep(1_000)
  // As kube-proxy does: new connections go elsewhere some time after the signal, old ones stay where they are.
  front.targets.shift()
  expect(await stopped).toBe(0)
  await sleep(1_000)
  const { sent, failed, reasons } = await load.stop()
  expect({ failed, reasons, enough: sent > 100 }).toEqual({ failed: 0, reasons: {}, enough: true })
  front.close()
})

test('the load program prints a line a second and, on SIGTERM, the verification', async () => {
  const api = await programs.start('ledger:v1.0.0', ['api'])
  await programs.start('ledger:v1.0.0', ['consumer'])
  const program = join(__dirname, '../../examples/hub/load-main.ts')
  const args = ['--import', 'tsx', program, '--ledger', api.url, '--rate', '50']
  const child = spawn(process.execPath, args, { env: { ...process.env, DATABASE_URL: url } })
  const lined = once(child.stdout, 'data')
  const output = text(child.stdout)
  await lined
  child.kill('SIGTERM')
  const [code] = (await once(child, 'close')) as [number]
  const lines = (await output)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(code).toBe(0)
  expect(lines[0]).toMatchObject({ second: 1, failed: 0 })
  expect(lines.at(-1)).toMatchObject({ final: true, failed: 0, verification: { sound: true } })
})

/** A connection-level balancer on 127.0.0.1, as a Service object is: each connection stays with its target. */
async function balance(targets: Running[]): Promise<{ url: string; targets: Running[]; close: () => void }> {
  const { createServer, connect } = await import('node:net')
  let turn = 0
  const server = createServer((incoming) => {
    const target = targets[turn++ % targets.length]
    if (!target) return incoming.destroy()
    const outgoing = connect(Number(new URL(target.url).port), '127.0.0.1')
    incoming.pipe(outgoing).pipe(incoming)
    incoming.on('error', () => outgoing.destroy())
    outgoing.on('error', () => incoming.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, targets, close: () => server.close() }
}
