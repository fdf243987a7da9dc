import type { Endpoint } from './endpoint'
import { badAnswer } from './failures'

/** The JSON object of a body; REGISTRY_BAD_ANSWER for anything else. */
export function jsonObject(body: Buffer, endpoint: Endpoint): Record<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString('utf8'))
  } catch {
    throw badAnswer(endpoint, 'it did not answer with JSON', body)
  }
  if (!isObject(parsed)) throw badAnswer(endpoint, 'it did not answer with a JSON object', body)
  return parsed
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
