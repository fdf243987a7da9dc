import type { FastifyRequest } from 'fastify'
import type { Person } from '../domain/people'

/** Whom the hook behind every route with a scope let in. */
export const personOf = ({ person }: Pick<FastifyRequest, 'person'>): Person => person as Person

/** Who acts, for records that keep only whether a login stands behind the name. */
export const actorOf = (request: Pick<FastifyRequest, 'person'>): { by: string; verified: boolean } => ({
  by: personOf(request).name,
  verified: true,
})

/** What a login showed beside the name, for votes. */
export const verifiedOf = (request: Pick<FastifyRequest, 'person'>): { groups: string[]; via: 'token' } => ({
  groups: personOf(request).groups,
  via: 'token',
})
