import { createHash } from 'node:crypto'
import type { AuditRow, Store } from '../store/contracts'

export type AuditStore = Pick<Store, 'audit'>
type Deps = { store: AuditStore }

/** One act of a person, as it was written down. */
export interface Act {
  position: number
  at: string
  /** such as `vote approve` or `token create` */
  act: string
  by: string
  /** null: nothing tells whether a login stood behind the name */
  verified: boolean | null
  via: string | null
  /** what it was about: a service, a name, an id */
  subject: string | null
  detail: Record<string, unknown>
}

/** What `refit audit list -o json` prints, newest first. */
export interface Acts {
  audit: (Act & { hash: string })[]
  /** the position to go on before; null at the end */
  next: number | null
}

/** What `refit audit verify -o json` prints. */
export interface Verified {
  /** rows that were read and are right */
  rows: number
  /** the last right row: keep it elsewhere, and no later change of what is before it goes unnoticed */
  head: { position: number; hash: string } | null
  /** the first row that is not as it was written; null: all are */
  broken: { position: number; because: string } | null
}

/** A row that somebody kept elsewhere. */
export interface Anchor {
  position: number
  /** at least its first 12 hex digits */
  hash: string
}

const atOnce = 1_000

/** The acts before a position, newest first. */
export async function listActs(
  { store }: Deps,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<Acts> {
  const rows = await store.audit.before(before, limit + 1)
  const shown = rows.slice(0, limit)
  return {
    audit: shown.map((row) => ({ ...actOf(row), hash: row.hash })),
    next: rows.length > limit ? (shown.at(-1)?.position ?? null) : null,
  }
}

/**
 * Reads the whole chain and computes every hash anew. A row that was changed, removed or put in is found where it is; what was cut
 * off at the end only by an anchor beyond the cut.
 */
export async function verifyAudit({ store }: Deps, anchors: readonly Anchor[] = []): Promise<Verified> {
  let rows = 0
  let head: Verified['head'] = null
  for (;;) {
    const batch = await store.audit.after(rows, atOnce)
    for (const row of batch) {
      const because = objectionTo(row, { position: rows + 1, previous: head?.hash ?? '' }, anchors)
      if (because !== undefined) return { rows, head, broken: { position: rows + 1, because } }
      rows = row.position
      head = { position: row.position, hash: row.hash }
    }
    if (batch.length < atOnce) break
  }
  const cut = anchors.find(({ position }) => position > rows)
  const broken = cut ? { position: rows + 1, because: `rows are missing: ${cut.position} of them were there` } : null
  return { rows, head, broken }
}

/** Why a row isn't the one that was written in this place; undefined when it is. */
export function objectionTo(
  { position, body, previous, hash }: AuditRow,
  expected: { position: number; previous: string },
  anchors: readonly Anchor[] = [],
): string | undefined {
  if (position !== expected.position) return `it is missing; the next one is ${position}`
  if (previous !== expected.previous) return 'it does not follow the row before it'
  if (hash !== createHash('sha256').update(`${previous}\n${body}`).digest('hex'))
    return 'it is not what it was when it was written'
  if (positionIn(body) !== position) return 'it was written in another place'
  const anchor = anchors.find((each) => each.position === position)
  return anchor && !hash.startsWith(anchor.hash) ? `its hash was ${anchor.hash}, and is ${hash}` : undefined
}

const actOf = ({ position, body }: AuditRow): Act => {
  const told = objectOf(body)
  const text = (key: string): string | null => (typeof told[key] === 'string' ? told[key] : null)
  return {
    position,
    ...{
      at: text('at') ?? '',
      act: text('act') ?? '',
      by: text('by') ?? '',
      via: text('via'),
      subject: text('subject'),
    },
    verified: typeof told.verified === 'boolean' ? told.verified : null,
    detail: typeof told.detail === 'object' && told.detail !== null ? (told.detail as Record<string, unknown>) : {},
  }
}

const positionIn = (body: string): unknown => objectOf(body).position

/** Whatever somebody may have made of it. */
function objectOf(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
