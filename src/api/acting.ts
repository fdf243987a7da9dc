import type { FastifyRequest } from 'fastify'
import { type Person, verifiedAs } from '../domain/people'

/** Whom the hook behind every route with a scope let in. */
export const personOf = ({ person }: Pick<FastifyRequest, 'person'>): Person => person as Person

/** Who acts, for records that keep only whether a login stands behind the name. */
export function actorOf(request: Pick<FastifyRequest, 'person'>): { by: string; verified: boolean } {
  const { name, via } = personOf(request)
  return { by: name, verified: via !== 'local' }
}

/** What a login showed beside the name, for votes; undefined where nobody verified the name. */
export const verifiedOf = (request: Pick<FastifyRequest, 'person'>): ReturnType<typeof verifiedAs> =>
  verifiedAs(personOf(request))
