import type { ReadOptions } from '../contracts'
import type { Ask, Question } from './ask'
import { sha256Of } from './digest'
import type { Endpoint } from './endpoint'
import { badAnswer, failureOf } from './failures'
import { one } from './headers'
import type { Polite } from './polite'
import type { Answer } from './transport'

const maxBytes = 8 * 1024 * 1024
const headers = { accept: 'application/octet-stream' }

/**
 * A small blob by its digest, hashed; undefined when it doesn't exist. Registries keep blobs in storage elsewhere, so one
 * redirect is followed, over https (http where the registry is read by http) and without credentials.
 */
export async function readBlob(
  asking: { ask: Ask; polite: Polite },
  endpoint: Endpoint,
  options: ReadOptions,
  digest: string,
): Promise<Buffer | undefined> {
  const answer = await answerFor(asking, endpoint, options, digest, { maxBytes })
  if (answer === undefined) return undefined
  if (sha256Of(answer.body) !== digest) throw badAnswer(endpoint, `its blob ${digest} does not hash to its digest`)
  return answer.body
}

/** How a blob is taken that is too long to be held. */
export type BlobTaking = Pick<Question, 'into' | 'timeoutMs' | 'maxBytes'>

/**
 * The answer with a blob; undefined when it doesn't exist. With `into` the bytes go there, to a new one for each try, and
 * whoever takes them hashes them.
 */
export async function answerFor(
  { ask, polite }: { ask: Ask; polite: Polite },
  endpoint: Endpoint,
  options: ReadOptions,
  digest: string,
  taking: BlobTaking,
): Promise<Answer | undefined> {
  const path = `/v2/${endpoint.path}/blobs/${digest}`
  const first = await ask(endpoint, options, { method: 'GET', path, headers, ...taking })
  const answer = isRedirect(first) ? await follow(polite, endpoint, options, first, path, taking) : first
  if (answer.status === 404) return undefined
  if (answer.status !== 200) throw failureOf(endpoint, answer.status)
  return answer
}

const isRedirect = ({ status, headers }: Answer): boolean =>
  [301, 302, 303, 307, 308].includes(status) && headers.location !== undefined

function follow(
  polite: Polite,
  endpoint: Endpoint,
  { signal }: ReadOptions,
  { headers: answered }: Answer,
  from: string,
  taking: BlobTaking,
): Promise<Answer> {
  const location = one(answered.location) ?? ''
  const base = `${endpoint.origin}${from}`
  const target = URL.canParse(location, base) ? new URL(location, base) : undefined
  const isPlain = target?.protocol === 'http:' && endpoint.origin.startsWith('http:')
  if (!target || !(target.protocol === 'https:' || isPlain) || target.username || target.password)
    // The whole address may be a signed one, which is as good as a password.
    throw badAnswer(endpoint, 'it redirects a blob to where nothing is asked')
  const path = `${target.pathname}${target.search}`
  return polite(endpoint, signal, () => ({ method: 'GET', path, foreign: target.origin, headers, ...taking }))
}
