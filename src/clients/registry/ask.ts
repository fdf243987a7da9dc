import type { Writable } from 'node:stream'
import type { ReadOptions } from '../contracts'
import type { Authorization } from './authorization'
import type { Endpoint } from './endpoint'
import { refused } from './failures'
import type { Polite } from './polite'
import type { Answer } from './transport'

export interface Question {
  method: 'GET' | 'HEAD'
  path: string
  headers: Record<string, string>
  maxBytes: number
  into?: () => Writable
  timeoutMs?: number
}

/** Any answer of a registry to a question about a repository, with the credentials that it wants to see. Throws REGISTRY_*. */
export type Ask = (endpoint: Endpoint, options: ReadOptions, question: Question) => Promise<Answer>

/** A 401 is answered once with other credentials; what is refused then stays refused. */
export function createAsk(polite: Polite, authorization: Authorization): Ask {
  /** Some registries hide from strangers what they would show to these credentials; `/v2/` then says what they ask for. */
  const challengedByName = async (endpoint: Endpoint, signal: AbortSignal | undefined, { status }: Answer) => {
    if ((status !== 403 && status !== 404) || !endpoint.auth || authorization.isAsked(endpoint)) return undefined
    const ping = await polite(endpoint, signal, () => ({ method: 'GET', path: '/v2/', headers: {}, maxBytes: 65_536 }))
    if (ping.status === 401) return ping
    authorization.asksNothing(endpoint)
    return undefined
  }
  return async (endpoint, options, question) => {
    const send = (authorizedBy: string | undefined): Promise<Answer> =>
      polite(endpoint, options.signal, () =>
        authorizedBy === undefined
          ? question
          : { ...question, headers: { ...question.headers, authorization: authorizedBy } },
      )
    const used = await authorization.header(endpoint, options)
    const answer = await send(used)
    const challenged = answer.status === 401 ? answer : await challengedByName(endpoint, options.signal, answer)
    if (!challenged) return answer
    const renewed = await authorization.renewed(endpoint, options, challenged.headers, used)
    const second = renewed === used ? answer : await send(renewed)
    if (second.status === 401) throw refused(endpoint, `${endpoint.host} answered 401 for ${endpoint.repository}`)
    return second
  }
}
