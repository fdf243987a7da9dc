import pino from 'pino'
import { createNotifiers } from '../../src/clients/notifiers'
import { startSender } from '../../src/sender'
import { createStore } from '../../src/store'

/** A process that writes alerts or sends them, for tests that kill it: `write` or `send`, DATABASE_URL, the receiver's URL, the key. */
const [mode = '', databaseUrl = '', url = '', signedWith = '', count = '0'] = process.argv.slice(2)
const store = createStore(databaseUrl)
const hub = { name: 'test-hub', environment: 'test' }

async function write(): Promise<void> {
  for (let i = 1; i <= Number(count); i += 1)
    await store.outbox.add(['webhook#1'], {
      ...{ key: `k${i}`, level: 'action', hub: hub.name, title: `alert ${i}`, facts: {} },
      text: `written by ${process.pid}`,
    })
}

function send(): void {
  const target = { kind: 'webhook' as const, url, signedWith, on: ['action' as const], allowPrivate: true }
  const notifiers = createNotifiers({ hub, alerts: [target] }, { messages: store.slackMessages })
  startSender({ store, notifiers, hub, logger: pino({ level: 'silent' }) })
}

void (mode === 'write' ? write() : Promise.resolve(send())).then(() => process.stdout.write('ready\n'))
// It stays until it is killed.
setInterval(() => undefined, 60_000)
