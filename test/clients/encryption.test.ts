import type { SerializationContext } from '@temporalio/common'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import { createCodec } from '../../src/clients/encryption'
import { encryptionKeysOf } from '../../src/config/encryption-keys'
import { payloadConverter, undecrypted } from '../../src/workflows/payload-converter'

const keyOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64')
const keys = (...ids: string[]) =>
  encryptionKeysOf({ REFIT_ENCRYPTION_KEYS: ids.map((id) => `${id}:${keyOf(id.charCodeAt(0))}`).join(',') })
const none = encryptionKeysOf({})

const plain = defaultPayloadConverter.toPayload({ planHash: '4cdefc52eb52', by: 'ana' })
const encrypted = async (id = 'a'): Promise<Payload> => (await createCodec(keys(id), 'refuse').encode([plain]))[0]!
const read = (payload: Payload | undefined): unknown => defaultPayloadConverter.fromPayload(payload!)
const workflow: SerializationContext = { type: 'workflow', namespace: 'green', workflowId: 'w' }
const activity: SerializationContext = { type: 'activity', namespace: 'green', isLocal: false }

test('what is encrypted shows its key and nothing of itself, and comes back', async () => {
  const sealed = await encrypted()
  expect(Object.keys(sealed.metadata ?? {}).sort()).toEqual(['encoding', 'encryption-key-id'])
  expect(Buffer.from(sealed.data!).toString('latin1')).not.toMatch(/planHash|4cdefc|ana/)
  const [back] = await createCodec(keys('a'), 'refuse').decode([sealed])
  expect(read(back)).toEqual({ planHash: '4cdefc52eb52', by: 'ana' })
})

test('the same text is never encrypted to the same bytes', async () => {
  expect((await encrypted()).data).not.toEqual((await encrypted()).data)
})

test('what was never encrypted is read as it is', async () => {
  expect(await createCodec(keys('a'), 'refuse').decode([plain])).toEqual([plain])
})

test('without keys nothing is encrypted', async () => {
  expect(await createCodec(none, 'refuse').encode([plain])).toEqual([plain])
})

/** The three steps by which keys are changed while runs are open. */
test.each([
  ['the old key writes, the new one can be read', ['a', 'b'], 'a'],
  ['the new key writes, the old one can be read', ['b', 'a'], 'b'],
  ['the old key is gone', ['b'], 'b'],
])('keys are changed: %s', async (_, ids, writer) => {
  const codec = createCodec(keys(...ids), 'refuse')
  const [sealed] = await codec.encode([plain])
  expect(Buffer.from(sealed!.metadata!['encryption-key-id']!).toString()).toBe(writer)
  for (const id of ids) expect(read((await codec.decode([await encrypted(id)]))[0])).toMatchObject({ by: 'ana' })
})

const broken = async (change: (data: Buffer) => Uint8Array): Promise<Payload> => {
  const sealed = await encrypted()
  return { ...sealed, data: change(Buffer.from(sealed.data!)) }
}
const flipped = (data: Buffer): Buffer => Buffer.from(data.map((byte, at) => (at === 20 ? byte ^ 1 : byte)))
const unreadables: [string, () => Promise<Payload>, RegExp][] = [
  ['of a key that is not there', () => encrypted('z'), /with key z, which this process doesn't have/],
  ['that was changed', () => broken(flipped), /key a of this process can't decrypt/],
  ['that is cut off', () => broken((data) => data.subarray(0, 20)), /key a of this process can't decrypt/],
  [
    'with a name of a key that is none',
    async () => ({ ...(await encrypted()), metadata: { encoding: Buffer.from('binary/encrypted') } }),
    /key \(of no such name\)/,
  ],
]

describe.each(unreadables)('a payload %s', (_, payload, message) => {
  test('is refused by whoever waits for an answer', async () => {
    const error = { code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string }
    await expect(createCodec(keys('a'), 'refuse').decode([await payload()], workflow)).rejects.toMatchObject(error)
    await expect(createCodec(keys('a'), 'messages').decode([await payload()], activity)).rejects.toMatchObject(error)
    await expect(createCodec(keys('a'), 'messages').decode([await payload()])).rejects.toMatchObject(error)
  })

  test('is an unreadable message to a workflow', async () => {
    const [left] = await createCodec(keys('a'), 'messages').decode([await payload()], workflow)
    expect(payloadConverter.fromPayload(left!)).toBe(undecrypted)
  })

  test('is shown as it is to people', async () => {
    const sealed = await payload()
    expect(await createCodec(keys('a'), 'leave').decode([sealed, plain])).toEqual([sealed, plain])
  })
})

test('a worker without keys never takes what is encrypted for an answer', async () => {
  await expect(createCodec(none, 'messages').decode([await encrypted()], activity)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  })
})
