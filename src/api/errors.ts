import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { RefitError, type ErrorCode } from '../domain/errors'
import { explainMissingTables } from '../operations/missing-tables'
import type { Problem } from './schemas'
import { statusByError } from './statuses'

/** What is said instead of a message that names hosts and ports inside, as nobody is logged in; the log has it. */
const saidInstead: Partial<Record<ErrorCode, string>> = {
  CONFIG_INVALID: 'Refit is not configured rightly; its log says more.',
  DATABASE_UNAVAILABLE: 'The store of Refit is away or not prepared; its log says more.',
  TEMPORAL_UNAVAILABLE: 'Temporal is away; the log of Refit says more.',
  KUBERNETES_UNAVAILABLE: 'The cluster is away; the log of Refit says more.',
  REGISTRY_UNAVAILABLE: 'The registry of the image could not be read lately; the log of Refit says more.',
  REGISTRY_BUSY: 'The registry of the image wants to be left alone for a while; the log of Refit says more.',
  REGISTRY_REFUSED: 'The registry of the image refuses what it was asked; the log of Refit says more.',
  REGISTRY_BAD_ANSWER: "What the registry of the image answers can't be trusted now; the log of Refit says more.",
  INTERNAL: 'Something failed that was not foreseen; the log of Refit says more.',
}

/** The one error handler: whatever is thrown becomes problem details (RFC 9457), without a stack and without a secret. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // It is still carried out: whoever repeats it must not start it a second time.
  if ((thrown as Partial<FastifyError> | undefined)?.code === 'FST_ERR_HANDLER_TIMEOUT') request.taken = undefined
  const error = toRefitError(explainMissingTables(thrown))
  const status = ownStatusOf(thrown) ?? statusByError[error.code]
  const details = { err: thrown, code: error.code, method: request.method, route: request.routeOptions?.url }
  if (status >= 500) request.log.error(details, 'request failed')
  else request.log.debug(details, 'request refused')
  if (error.retryAfterMs) void reply.header('retry-after', Math.ceil(error.retryAfterMs / 1_000))
  const challenge = challengeOf(error.code, request)
  if (challenge) void reply.header('www-authenticate', challenge)
  return send(reply, status, error)
}

/** RFC 6750: how to log in, and what was wrong with the token that came. */
function challengeOf(code: ErrorCode, { headers, routeOptions }: FastifyRequest): string | undefined {
  if (code === 'UNAUTHENTICATED') return `Bearer realm="refit"${headers.authorization ? ', error="invalid_token"' : ''}`
  const scope = routeOptions?.config.scope
  return code === 'FORBIDDEN' && scope && headers.authorization
    ? `Bearer realm="refit", error="insufficient_scope", scope="${scope}"`
    : undefined
}

/** Also for a webhook's wrong key: nothing tells the two apart. */
export function answerUnknownRoute(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return send(reply, 404, new RefitError('ROUTE_UNKNOWN', 'There is nothing here.', 'See /openapi.json.'))
}

function send(reply: FastifyReply, status: number, error: RefitError): FastifyReply {
  // As text, because what Fastify itself refuses has no schema.
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify(shown(status, error)))
}

/** What is told of whatever was thrown. */
export function problemOf(thrown: unknown): Problem {
  const error = toRefitError(explainMissingTables(thrown))
  return shown(ownStatusOf(thrown) ?? statusByError[error.code], error)
}

function shown(status: number, { code, message, next }: RefitError): Problem {
  const hidden = saidInstead[code]
  const title = STATUS_CODES[status] ?? 'Error'
  return { title, status, code, detail: hidden ?? message, ...(next && !hidden ? { next } : {}) }
}

function toRefitError(error: unknown): RefitError {
  if (error instanceof RefitError) return error
  if (hasZodFastifySchemaValidationErrors(error))
    return new RefitError('USAGE', `${error.validation.map(sayIssue).join('; ')}.`, 'See /openapi.json.')
  const status = ownStatusOf(error)
  if (status === undefined) return new RefitError('INTERNAL', 'not foreseen', 'Report it.', { cause: error })
  if (status === 413) return new RefitError('USAGE', 'The body is too large.', 'See /openapi.json.')
  if (status === 415)
    return new RefitError('USAGE', 'The body is not of a content type that this route takes.', 'See /openapi.json.')
  return new RefitError('USAGE', 'The request is malformed.', 'See /openapi.json.')
}

const sayIssue = ({ instancePath, message }: { instancePath: string; message?: string }): string =>
  `${instancePath.split('/').filter(Boolean).join('.') || 'the request'} ${message ?? 'is wrong'}`

/** What Fastify refuses before a route sees it has a status of its own. */
function ownStatusOf(error: unknown): number | undefined {
  if (error instanceof RefitError) return undefined
  const { statusCode, code } = error as Partial<FastifyError>
  const isFastifys = typeof code === 'string' && code.startsWith('FST_')
  return isFastifys && typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined
}
