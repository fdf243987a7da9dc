import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import type { Payload, PayloadCodec } from '@temporalio/common'
import { temporal } from '@temporalio/proto'
import type { EncryptionKeys } from '../config/encryption-keys'
import { RefitError } from '../domain/errors'

/** As the samples of Temporal's SDKs write it, so that other tools with the same keys read it: nonce, ciphertext, tag. */
const encoding = 'binary/encrypted'
const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/**
 * What becomes of what can't be decrypted. `refuse`: it throws. `messages`: only what people send to a workflow is left as
 * it is, for the payload converter to call unreadable, because a message with a made-up key must not stop a workflow for
 * ever; the result of an activity is waited for until the key is there. `leave`: all of it is left as it is.
 */
type Unreadable = 'refuse' | 'messages' | 'leave'

/**
 * Encrypts payloads (AES-256-GCM, a key's id in the metadata) before they leave the process, and decrypts what comes back.
 * What was never encrypted is read as it is: runs from before, and signals of the `temporal` CLI. Without keys it writes
 * plainly, and still never takes ciphertext for an answer. Throws CONFIG_INVALID, which names the key that is missing.
 */
export function createCodec(keys: EncryptionKeys, unreadable: Unreadable): PayloadCodec {
  const [writer] = keys
  const leaves = (type: string | undefined): boolean =>
    unreadable === 'leave' || (unreadable === 'messages' && type === 'workflow')
  return {
    encode: (payloads) => Promise.resolve(writer ? payloads.map((payload) => encrypt(payload, writer)) : payloads),
    decode: (payloads, context) =>
      settled(() =>
        payloads.map((payload) => {
          if (text(payload.metadata?.encoding) !== encoding) return payload
          const id = text(payload.metadata?.['encryption-key-id'])
          const key = keys.get(id)
          const opened = key && decrypt(payload, key)
          if (opened) return opened
          if (leaves(context?.type)) return payload
          throw missing(id, key !== undefined)
        }),
      ),
  }
}

// A codec's promise rejects; it never throws in the face of who asks.
const settled = async <T>(work: () => T): Promise<T> => Promise.resolve().then(work)

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('utf8')

function encrypt(payload: Payload, [id, key]: [string, KeyObject]): Payload {
  const nonce = randomBytes(nonceBytes)
  const seal = createCipheriv(cipher, key, nonce)
  const plain = temporal.api.common.v1.Payload.encode(payload).finish()
  const data = Buffer.concat([nonce, seal.update(plain), seal.final(), seal.getAuthTag()])
  return { metadata: { encoding: Buffer.from(encoding), 'encryption-key-id': Buffer.from(id) }, data }
}

/** Undefined for what this key did not write. */
function decrypt({ data }: Payload, key: KeyObject): Payload | undefined {
  const bytes = Buffer.from(data ?? [])
  if (bytes.length < nonceBytes + tagBytes) return undefined
  try {
    const open = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    open.setAuthTag(bytes.subarray(-tagBytes))
    const plain = Buffer.concat([open.update(bytes.subarray(nonceBytes, -tagBytes)), open.final()])
    const { metadata, data: inner } = temporal.api.common.v1.Payload.decode(plain)
    return { metadata, data: inner }
  } catch {
    return undefined
  }
}

const missing = (id: string, isKnown: boolean): RefitError =>
  new RefitError(
    'CONFIG_INVALID',
    isKnown
      ? `Temporal holds what key ${shown(id)} of this process can't decrypt.`
      : `Temporal holds what was encrypted with key ${shown(id)}, which this process doesn't have.`,
    'Give all processes of Refit the same REFIT_ENCRYPTION_KEYS; docs/encryption.md says how keys are changed.',
  )

/** It comes from whoever may send messages. */
const shown = (id: string): string => (/^[\w.-]{1,64}$/.test(id) ? id : '(of no such name)')
