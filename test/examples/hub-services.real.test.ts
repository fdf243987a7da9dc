import { Client } from 'pg'
import type { Stack } from '../../stack'
import { get, post, Programs, testStack, until } from './support'

jest.setTimeout(120_000)

const payment = { transferId: 't-1', payer: 'alice', payee: 'bob', amount: 250 }

let stack: Stack
let remove: () => Promise<void>
let programs: Programs
let database: Client
let databases = 0

beforeAll(async () => {
  ;({ stack, remove } = await testStack(['postgres']))
})
afterAll(() => remove())

beforeEach(async () => {
  const name = `hub_services_${++databases}`
  await stack.postgres.createDatabase(name)
  programs = new Programs(stack.postgres.url(name))
  database = new Client({ connectionString: stack.postgres.url(name) })
  await database.connect()
})
afterEach(async () => {
  await programs.close()
  await database.end()
})

const migrate = async (release: string) => {
  const { code, output } = await programs.run(release, ['migrate'])
  if (code !== 0) throw new Error(output)
}

test('a payment becomes a debit and a credit that balance', async () => {
  await migrate('ledger:v1.0.0')
  const [api, quoting, settlement] = await Promise.all([
    programs.start('ledger:v1.0.0', ['api']),
    programs.start('quoting:v1.0.0'),
    programs.start('settlement:v1.0.0'),
    programs.start('ledger:v1.0.0', ['consumer']),
  ])
  const { payer, payee, amount } = payment
  const quote = await post(`${quoting.url}/quotes`, { payer, payee, amount })
  expect(quote).toMatchObject({ status: 201, body: { amount: 250, fee: 3 } })

  expect(await post(`${api.url}/transfers`, { ...payment, quoteId: quote.body.quoteId })).toEqual({
    status: 202,
    body: { ...payment, state: 'RECEIVED' },
  })
  await until(async () => (await get(`${api.url}/transfers/t-1`)).body.state === 'COMMITTED', 'the posting')
  expect((await get(`${api.url}/ledger/balance`)).body).toEqual({
    debits: 250,
    credits: 250,
    entries: 2,
    transfers: 1,
    queued: 0,
    balanced: true,
  })
  const positions = [
    { account: 'alice', position: -250, entries: 1 },
    { account: 'bob', position: 250, entries: 1 },
  ]
  expect((await get(`${settlement.url}/settlement/summary`)).body).toEqual({ positions, net: 0 })
})

test('the same transfer twice is booked once, another one under its id is refused', async () => {
  await migrate('ledger:v1.0.0')
  const api = await programs.start('ledger:v1.0.0', ['api'])
  const answers = await Promise.all(Array.from({ length: 5 }, () => post(`${api.url}/transfers`, payment)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 202])
  expect((await post(`${api.url}/transfers`, { ...payment, amount: 1 })).status).toBe(409)
  expect((await database.query('select from "transferQueue"')).rowCount).toBe(1)
})

test('refuses a payment with a field that is missing or wrong', async () => {
  await migrate('ledger:v1.0.0')
  const api = await programs.start('ledger:v1.0.0', ['api'])
  const wrong = [{ payer: '' }, { payee: 'alice' }, { amount: 0 }, { amount: 1.5 }, { transferId: undefined }]
  for (const body of [null, ...wrong.map((field) => ({ ...payment, ...field }))]) {
    expect({ body, status: (await post(`${api.url}/transfers`, body)).status }).toEqual({ body, status: 400 })
  }
})

test('health is Mojaloop’s, and a held migration lock makes it DOWN while the service stays live and ready', async () => {
  await migrate('ledger:v1.0.1')
  const api = await programs.start('ledger:v1.0.1', ['api'])
  const healthy = await get(`${api.url}/health`)
  expect(healthy.status).toBe(200)
  expect(healthy.body).toEqual({
    status: 'OK',
    uptime: expect.any(Number),
    startTime: expect.stringMatching(/^\d{4}-.*Z$/),
    versionNumber: '1.0.1',
    services: [{ name: 'datastore', status: 'OK' }],
  })

  await database.query('update migration_lock set is_locked = 1')
  expect(await get(`${api.url}/health`)).toMatchObject({
    status: 502,
    body: { status: 'DOWN', services: [{ name: 'datastore', status: 'DOWN' }] },
  })
  expect((await get(`${api.url}/live`)).status).toBe(200)
  expect((await get(`${api.url}/ready`)).status).toBe(200)
})

test('v1.0.1 fixes the answer for an unknown transfer', async () => {
  await migrate('ledger:v1.0.0')
  const old = await programs.start('ledger:v1.0.0', ['api'])
  const fixed = await programs.start('ledger:v1.0.1', ['api'])
  expect((await get(`${old.url}/transfers/none`)).status).toBe(500)
  expect((await get(`${fixed.url}/transfers/none`)).status).toBe(404)
})

test('a second consumer posts nothing, is not ready, and leaves a record', async () => {
  await migrate('ledger:v1.0.0')
  const first = await programs.start('ledger:v1.0.0', ['consumer'])
  const second = await programs.start('ledger:v1.0.0', ['consumer'], {}, '/live')
  await until(() => second.output().includes('another consumer is running'), 'the report', second.output)
  expect((await get(`${second.url}/ready`)).status).toBe(503)
  expect((await get(`${second.url}/health`)).status).toBe(502)

  expect(await first.stop()).toBe(0)
  await until(async () => (await get(`${second.url}/ready`)).status === 200, 'the second consumer', second.output)
  const { rows } = await database.query('select overlapped from "consumerRun" order by id')
  expect(rows).toEqual([{ overlapped: false }, { overlapped: true }])
})

test('never-ready stays unready, crash-loop ends with 1, sick-during-bake turns DOWN and goes on paying', async () => {
  await migrate('ledger:v1.1.1')
  const never = await programs.start('ledger:v1.0.2', ['api'], {}, '/live')
  const sick = await programs.start('ledger:v1.1.1', ['api'], { SICK_POD: '1', SICK_AFTER_SECONDS: '0.3' })
  const later = await programs.start('ledger:v1.1.1', ['api'], { SICK_POD: '1', SICK_OTHERS_AFTER_SECONDS: '60' })
  const crash = await programs.run('ledger:v1.0.3', ['api'], { PORT: '0' })
  expect(crash.code).toBe(1)
  expect((await get(`${never.url}/ready`)).status).toBe(503)
  expect((await get(`${never.url}/health`)).status).toBe(502)

  await until(async () => (await get(`${sick.url}/health`)).status === 502, 'sickness', sick.output)
  expect((await post(`${sick.url}/transfers`, payment)).status).toBe(202)
  expect((await get(`${later.url}/health`)).status).toBe(200)
})
