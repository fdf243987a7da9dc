import { errors } from 'jose'
import { RefitError } from '../domain/errors'

/** By shape: errors of two libraries, and of the platform's own fetch. */
interface ErrorLike {
  code?: unknown
  error?: unknown
  cause?: unknown
}

/** What the provider, or what it sent, says no to; everything else is the provider's own trouble, or that of refit.yaml. */
const refusals: ReadonlySet<unknown> = new Set([
  'OAUTH_AUTHORIZATION_RESPONSE_ERROR',
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
])
const keysAway: ReadonlySet<unknown> = new Set([errors.JWKSTimeout.code, errors.JWKSInvalid.code])

/** The error as Refit's: UNAUTHENTICATED where somebody was refused, OIDC_UNAVAILABLE where nobody could tell. */
export function oidcError(error: unknown): RefitError {
  if (error instanceof RefitError) return error
  const { code, error: said } = (typeof error === 'object' && error !== null ? error : {}) as ErrorLike
  const isToken = typeof code === 'string' && /^ERR_(JW|JOSE)/.test(code) && !keysAway.has(code)
  // Of jose itself: an answer that is no list of keys, or none at all.
  const isAway = code === errors.JOSEError.code
  if (isToken && !isAway)
    return new RefitError('UNAUTHENTICATED', 'This token is not valid.', 'Get a new one of the OIDC provider.', {
      cause: error,
    })
  if (refusals.has(code) || (code === 'OAUTH_RESPONSE_BODY_ERROR' && said === 'invalid_grant'))
    return new RefitError(
      'UNAUTHENTICATED',
      `The OIDC provider did not let you in${typeof said === 'string' && /^\w{1,40}$/.test(said) ? ` (${said})` : ''}.`,
      'Log in again; if it goes on, ask whoever runs the provider.',
      { cause: error },
    )
  return new RefitError(
    'OIDC_UNAVAILABLE',
    'The OIDC provider can not be asked now.',
    'Try again; if it goes on, check server.oidc of refit.yaml. A token of refit token create works meanwhile.',
    { cause: error },
  )
}
