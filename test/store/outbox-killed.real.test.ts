import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { type TestDatabases, testDatabases } from '../support/database'
import { answer, type Received, startHttpServer, type TestServer } from '../support/http-server'

let databases: TestDatabases
let receiver: TestServer
const children: ChildProcess[] = []
beforeAll(async () => {
  databases = await testDatabases()
  receiver = await startHttpServer()
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await receiver.close()
  await databases.remove()
})

const key = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const count = 12

async function start(...args: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, '../support/outbox-process.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

it('every alert arrives, under one content, although its writer and two senders are killed and the receiver fails for a while', async () => {
  const { store, url } = await databases.store()
  const run = (mode: string) => start(mode, url, receiver.url, key, `${count}`)
  // Back-off and leases without the waiting.
  const hurry = async () => {
    await databases.query(url, `update outbox set due_at = now() where sent_at is null`)
    await databases.query(url, `update outbox_target set rest_until = null`)
  }
  const endLeases = () => databases.query(url, `update outbox_target set leased_until = now()`)
  const until = async (isDone: () => Promise<boolean> | boolean) => {
    while (!(await isDone())) {
      await hurry()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  // Killed between writing and sending; what it says again after a restart is the same news.
  await kill(await run('write'))
  await kill(await run('write'))

  // Killed between sending and marking, twice; then the receiver fails for a while.
  for (let round = 0; round < 2; round += 1) {
    let took = false
    const sender = await run('send')
    receiver.answerWith(answer(200), answer(500, 'down'), answer(200), (response) => {
      took = true
      sender.kill('SIGKILL')
      response.destroy()
    })
    const ended = once(sender, 'exit')
    await until(() => took)
    await ended
    await endLeases()
  }
  receiver.answerWith(...Array.from({ length: 6 }, () => answer(500, 'down')))
  await run('send')
  await until(async () => (await store.outbox.list({ state: 'waiting', limit: 100 })).length === 0)

  const titles = (all: Received[]) =>
    new Set(all.map(({ body }) => (JSON.parse(body) as { data: { title: string } }).data.title))
  expect(titles(receiver.received).size).toBe(count)
  expect(receiver.received.length).toBeGreaterThanOrEqual(count + 2 + 2 + 6)
  const contents = new Map<string, Set<string>>()
  for (const { headers, body } of receiver.received) {
    const id = String(headers['webhook-id'])
    contents.set(id, (contents.get(id) ?? new Set()).add(body))
    new Webhook(key).verify(body, headers as Record<string, string>)
  }
  expect([...contents.values()].map((each) => each.size)).toEqual(Array.from({ length: count }, () => 1))
  expect(await store.outbox.list({ state: 'dead', limit: 5 })).toEqual([])
})
