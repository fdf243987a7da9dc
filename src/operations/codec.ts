import type { Payload, PayloadCodec } from '@temporalio/common'

/** A payload in protobuf's JSON: bytes are base64. */
export interface JsonPayload {
  metadata?: Record<string, string> | undefined
  data?: string | undefined
}

/** What a codec server does for the Web UI and the CLI of Temporal. */
export interface HubCodec {
  /** What can't be decrypted, or never was encrypted, stays as it is. */
  decode(payloads: JsonPayload[]): Promise<JsonPayload[]>
  encode(payloads: JsonPayload[]): Promise<JsonPayload[]>
}

export const hubCodec = (codec: PayloadCodec): HubCodec => ({
  decode: async (payloads) => (await codec.decode(payloads.map(fromJson))).map(toJson),
  encode: async (payloads) => (await codec.encode(payloads.map(fromJson))).map(toJson),
})

const fromJson = ({ metadata = {}, data = '' }: JsonPayload): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
  data: Buffer.from(data, 'base64'),
})

const toJson = ({ metadata, data }: Payload): JsonPayload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
})
