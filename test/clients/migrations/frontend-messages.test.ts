import { serialize } from 'pg-protocol'
import { FrontendMessages, type SentStatement } from '../../../src/clients/migrations/frontend-messages'

function read(chunks: Buffer[]): SentStatement[] {
  const told: SentStatement[] = []
  const messages = new FrontendMessages((statement) => told.push(statement))
  for (const chunk of chunks) messages.feed(chunk)
  return told
}

const extended = Buffer.concat([
  serialize.parse({ name: 's1', text: 'update t set a = $1 where b = $2 and c = $3', types: [] }),
  serialize.bind({ portal: '', statement: 's1', values: ['x', null, Buffer.from([0, 255])] }),
  serialize.describe({ type: 'P', name: '' }),
  serialize.execute({ portal: '', rows: 0 }),
  serialize.sync(),
])

test('statements of the simple protocol are told as they are sent', () => {
  expect(read([serialize.query('begin; select 1')])).toEqual([{ sql: 'begin; select 1' }])
})

test('a prepared statement is told each time it is run, with its values', () => {
  const [statement] = read([extended])
  expect(statement?.sql).toBe('update t set a = $1 where b = $2 and c = $3')
  expect(statement?.values).toEqual(['x', null, Buffer.from([0, 255])])
  expect(read([extended, serialize.execute({ portal: '', rows: 0 })])).toHaveLength(2)
})

test('messages may be cut anywhere', () => {
  const whole = Buffer.concat([serialize.query('select 1'), extended])
  expect(read([...whole].map((byte) => Buffer.from([byte])))).toEqual(read([whole]))
})

test('passwords and rows of COPY are told to nobody', () => {
  expect(read([serialize.password('secret'), serialize.copyData(Buffer.from('row'))])).toEqual([])
})
