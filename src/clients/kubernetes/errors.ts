import { RefitError } from '../../domain/errors'
import type { Answer } from './connection'

/** What the API server itself says when something is wrong (`kind: Status`). */
export interface Status {
  message: string
  reason: string
  causes: { field: string; reason: string }[]
}

/** Undefined when the body isn't the API server's own. */
export function statusOf(body: Buffer): Status | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
  const status = parsed as Partial<Record<'kind' | 'apiVersion' | 'message' | 'reason' | 'details', unknown>> | null
  if (status?.kind !== 'Status' || status.apiVersion !== 'v1') return undefined
  const causes = (status.details as { causes?: unknown } | undefined)?.causes
  return {
    message: textOf(status.message),
    reason: textOf(status.reason),
    causes: (Array.isArray(causes) ? (causes as Record<string, unknown>[]) : []).map(({ field, reason }) => ({
      field: textOf(field),
      reason: textOf(reason),
    })),
  }
}

/** The error for an answer that isn't 2xx; `doing` completes "Kubernetes … to …": `patch deployment hub/ledger`. */
export function failureOf({ status, headers, body }: Answer, doing: string): RefitError {
  const said = statusOf(body)
  const why = said?.message ? `: ${said.message}` : ` (${status})`
  if (status === 401)
    return new RefitError(
      'KUBERNETES_FORBIDDEN',
      `Kubernetes doesn't accept the credentials to ${doing}.`,
      'Renew them in the kubeconfig, or the service account that the worker runs as.',
    )
  if (status === 403)
    return new RefitError('KUBERNETES_FORBIDDEN', `Kubernetes refuses to ${doing}${why}.`, nextAfterForbidden(said))
  if (status === 404)
    return new RefitError(
      'KUBERNETES_NOT_FOUND',
      `Kubernetes can't ${doing}${why}.`,
      'See whether it was deleted or renamed; refit scan reads the cluster anew.',
    )
  if (status === 409)
    return new RefitError(
      'KUBERNETES_CONFLICT',
      `Kubernetes can't ${doing} now${why}.`,
      'Somebody changes it at the same time: look what stands there, then run refit scan.',
    )
  // The message of a validation error shows values, which may be secret; its causes name the fields.
  if (status === 422)
    return new RefitError(
      'KUBERNETES_INVALID',
      `Kubernetes refuses to ${doing}: ${invalid(said)}.`,
      'Correct what it names in the cluster, then run refit scan.',
    )
  // 410: the list changed too much between two of its pages.
  if (status === 429 || status >= 500 || status === 410)
    return unavailable(`Kubernetes could not ${doing}${why}`, headers['retry-after'])
  return new RefitError(
    'KUBERNETES_INVALID',
    `Kubernetes did not ${doing}${why}.`,
    "See what the API server's log says of it.",
  )
}

/** RBAC's own refusals name verb and resource; quota and admission refuse with 403 as well. */
const nextAfterForbidden = (said: Status | undefined): string =>
  said && / cannot \w+ resource /.test(said.message)
    ? 'Grant it: refit permissions prints the roles that refit.yaml needs.'
    : 'Look for a quota or an admission rule of the namespace that refuses it.'

const invalid = (said: Status | undefined): string =>
  said && said.causes.length > 0
    ? said.causes.map(({ field, reason }) => `${field || 'the object'} (${reason || 'invalid'})`).join(', ')
    : 'it calls the request invalid'

/** Where the same call may succeed later. */
export const tryAgain = 'A worker tries again by itself; see whether the API server is up and can be reached.'

/** `retryAfterMs` becomes the delay before the activity's next attempt (src/activities/failures.ts). */
function unavailable(message: string, retryAfter: string | undefined): RefitError {
  if (!retryAfter || !/^\d{1,3}$/.test(retryAfter))
    return new RefitError('KUBERNETES_UNAVAILABLE', `${message}.`, tryAgain)
  return new RefitError('KUBERNETES_UNAVAILABLE', `${message}; it asks to wait ${retryAfter} s.`, tryAgain, {
    retryAfterMs: Number(retryAfter) * 1_000,
  })
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.replace(/\s+/g, ' ').trim().replace(/\.$/, '').slice(0, 400) : ''
