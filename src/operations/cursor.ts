import { RefitError } from '../domain/errors'

/** Opaque, so that nobody makes one up. */
export const cursorOf = (id: string | null): string | null =>
  id === null ? null : Buffer.from(id).toString('base64url')

/** The id in a cursor; undefined without one. USAGE for what is no cursor. */
export function idIn(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const id = Buffer.from(cursor, 'base64url').toString()
  if (/^[\x20-\x7e]{1,300}$/.test(id)) return id
  throw new RefitError('USAGE', 'This cursor belongs to no list.', 'Begin without one.')
}
