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
}

/** Any answer of a registry to a question about a repository, with the credentials that it wants to see. Throws REGISTRY_*. */
export type Ask = (endpoint: Endpoint, options: ReadOptions, question: Question) => Promise<Answer>

/** A 401 is answered once with other credentials; what is refused then stays refused. */
export function createAsk(polite: Polite, authorization: Authorization): Ask {
  return async (endpoint, options, question) => {
    const send = (authorizedBy: string | undefined): Promise<Answer> =>
      polite(endpoint, options.signal, () =>
        authorizedBy === undefined
          ? question
          : { ...question, headers: { ...question.headers, authorization: authorizedBy } },
      )
    const used = await authorization.header(endpoint, options)
    const answer = await send(used)
    if (answer.status !== 401) return answer
    const renewed = await authorization.renewed(endpoint, options, answer.headers, used)
    const second = renewed === used ? answer : await send(renewed)
    if (second.status === 401) throw refused(endpoint, `${endpoint.host} answered 401 for ${endpoint.repository}`)
    return second
  }
}
