import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common'

/** What stands in for a payload that can't be read; no schema of a message accepts it. */
export const unreadable = { unreadable: true } as const

/** The same for what is encrypted with a key that the worker doesn't have. */
export const undecrypted = { unreadable: true } as const

/**
 * The SDK's converter, but reading never throws: whoever may signal a workflow may name an encoding that nobody knows or
 * send half a JSON, and a converter that throws fails the workflow task for ever, rollback included (facts: a handler
 * never sees the payload). Handlers get `unreadable` instead and record it as refused.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload<T>(payload: Payload): T {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload)
    } catch {
      return (isEncrypted(payload) ? undecrypted : unreadable) as T
    }
  },
}

const isEncrypted = ({ metadata }: Payload): boolean =>
  String.fromCharCode(...(metadata?.encoding?.slice(0, 32) ?? [])) === 'binary/encrypted'
