import { createHash } from 'node:crypto'

/** The digest that a registry must give these bytes. */
export const sha256Of = (body: Buffer): string => `sha256:${createHash('sha256').update(body).digest('hex')}`
