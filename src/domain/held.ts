/** What a person can do about an upgrade that ended held, by why it did. */
export interface HeldAdvice {
  /** two or three, the first one looks, the others act */
  commands: string[]
  /** the section of the runbook */
  page: string
}

interface Held {
  namespace: string
  service: string
  /** of the upgrade */
  id: string
  /** the machine word for why; unknown in what earlier builds held */
  reason?: string | null | undefined
}

type Action = 'go-on' | 'put-back' | 'resolve-new' | 'resolve-old' | 'resolve-forced' | 'look'

/** Sections of docs/runbook.md, each with what comes after the look at it. */
export const heldSections: Readonly<Record<string, readonly Action[]>> = {
  environment: ['look', 'go-on', 'put-back'],
  'health-unreadable': ['look', 'go-on', 'put-back'],
  'api-server-away': ['look', 'go-on', 'put-back'],
  'controller-silent': ['look', 'go-on', 'put-back'],
  'other-digest': ['look', 'go-on', 'put-back'],
  'changed-by-somebody': ['look', 'resolve-old', 'resolve-new'],
  paused: ['look', 'go-on', 'put-back'],
  resumed: ['look', 'resolve-new', 'put-back'],
  'scaled-down': ['look', 'go-on', 'put-back'],
  'not-synced': ['look', 'go-on', 'put-back'],
  vanished: ['look', 'resolve-forced'],
  'not-yet-run': ['look', 'put-back', 'resolve-old'],
  'undo-failed': ['look', 'put-back', 'resolve-old'],
  orphaned: ['look', 'go-on', 'put-back'],
  migration: ['look', 'go-on', 'resolve-old'],
  error: ['look', 'go-on', 'put-back'],
}

/** The section for a reason: its own, or one that many share. */
export function heldSection(reason: string | null | undefined): string {
  if (!reason) return 'error'
  if (Object.hasOwn(heldSections, reason)) return reason
  return /^(migration|lease|job|backfill)/.test(reason) ? 'migration' : 'error'
}

/** The commands and the page for whoever is paged. */
export function heldAdvice({ namespace, service, id, reason }: Held): HeldAdvice {
  const name = `${namespace}/${service}`
  const command: Record<Action, string> = {
    look: `refit history --upgrade ${id} --logs`,
    'go-on': `refit resume ${name}`,
    'put-back': `refit resume ${name} --rollback`,
    'resolve-new': `refit resolve ${name} --as succeeded --reason TEXT`,
    'resolve-old': `refit resolve ${name} --as rolled-back --reason TEXT`,
    'resolve-forced': `refit resolve ${name} --force --reason TEXT`,
  }
  const section = heldSection(reason)
  return { commands: (heldSections[section] ?? []).map((each) => command[each]), page: `docs/runbook.md#${section}` }
}

/** What an error of an activity is as a reason: its code. */
export const heldReasonOf = (code: string | null | undefined): string =>
  code && /^[A-Z][A-Z_]+$/.test(code) ? code.toLowerCase().replace(/_/g, '-') : 'error'
