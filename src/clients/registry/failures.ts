import { RefitError } from '../../domain/errors'
import { instant } from '../../domain/text'
import type { Endpoint } from './endpoint'

/** What to do about a registry that is away. */
export const readAgain = 'The next scan reads it again; refit doctor checks it now.'

/** REGISTRY_BAD_ANSWER; shows the beginning of what was seen, so that a proxy's login page is recognised. */
export function badAnswer({ repository }: Endpoint, what: string, seen?: Buffer | string): RefitError {
  const start = (typeof seen === 'string' ? seen : seen?.toString('utf8', 0, 400))
    ?.replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 80)
  return new RefitError(
    'REGISTRY_BAD_ANSWER',
    `The registry's answer for ${repository} can't be used: ${what}${start ? ` (seen: ${start})` : ''}.`,
    'Check what answers under the name of this registry.',
  )
}

/** The error for a status that nothing can be made of; `host` is what answered. */
export function failureOf(endpoint: Endpoint, status: number, host = endpoint.host): RefitError {
  const { repository } = endpoint
  if (status === 404) return new RefitError('REGISTRY_NOT_FOUND', `${host} has no ${repository}.`, 'Check its name.')
  if (status === 401 || status === 403) return refused(endpoint, `${host} answered ${status} for ${repository}`)
  if (status === 429 || status >= 500)
    return new RefitError('REGISTRY_UNAVAILABLE', `${host} answered ${status} for ${repository}.`, readAgain)
  if (status >= 300 && status < 400) return badAnswer(endpoint, `it redirects (${status}), which is not followed`)
  return badAnswer(endpoint, `it answered ${status}`)
}

/** REGISTRY_REFUSED, with what to do about it. Registries answer like this for repositories that don't exist, too. */
export function refused({ host, auth }: Endpoint, what: string): RefitError {
  return auth
    ? new RefitError(
        'REGISTRY_REFUSED',
        `${what}: the credentials of registries[].auth (${auth.kind}) don't give it.`,
        'Check that they may read it, and the name of the repository.',
      )
    : new RefitError(
        'REGISTRY_REFUSED',
        `${what}: it isn't given without credentials.`,
        `Set registries[].auth for ${host}, or check the name of the repository.`,
      )
}

/** REGISTRY_BUSY until an instant (epoch ms). */
export function busy(host: string, until: number, now: number): RefitError {
  return new RefitError(
    'REGISTRY_BUSY',
    `${host} asks not to be asked before ${instant(until)}.`,
    'It is asked again after that; nothing needs to be done.',
    { retryAfterMs: Math.max(until - now, 1) },
  )
}

/** REGISTRY_UNAVAILABLE for a request that had no answer. */
export function noAnswer({ repository }: Endpoint, host: string, why: string, cause: unknown): RefitError {
  return new RefitError('REGISTRY_UNAVAILABLE', `${host} can't be read for ${repository}: ${why}.`, readAgain, {
    cause,
  })
}
