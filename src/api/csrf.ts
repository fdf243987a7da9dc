import type { FastifyRequest } from 'fastify'
import { RefitError } from '../domain/errors'
import { isSame } from '../operations/webhook-key'

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether a request only reads. */
export const isSafe = ({ method }: Pick<FastifyRequest, 'method'>): boolean => safeMethods.has(method)

/**
 * Throws FORBIDDEN for what a page of another site has a browser send. A browser adds cookies by itself, but no header, and
 * lets no other site read `csrf` of /api/v1/session. `csrf`: null where the browser adds nothing by itself.
 */
export function assertOwnPage(request: FastifyRequest, csrf: string | null): void {
  if (csrf === null || isSafe(request)) return
  assertSameSite(request)
  const { 'x-csrf-token': shown } = request.headers
  if (typeof shown !== 'string' || !isSame(shown, csrf))
    throw foreign('lacks the header x-csrf-token of this login', 'Send csrf of GET /api/v1/session in it.')
}

/** The same for what nobody is logged in for yet. Browsers say where a request comes from; other programs say nothing. */
export function assertSameSite({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw foreign('comes from a page of another site', "Use the page of Refit's own address.")
}

const foreign = (why: string, next: string): RefitError => new RefitError('FORBIDDEN', `This request ${why}.`, next)
