import type { DecisionKind } from '../domain/decision'
import type { Outcome } from '../domain/status'
import type { UpgradeRow } from '../store/contracts'
import type { Cell, Tone } from './render'

/** How each decision is explained after its own word; some need their reason to be understood and bring it along. */
const decisions: Record<DecisionKind, { explained?: string; tone: Tone | undefined; withReason: boolean }> = {
  'up-to-date': { tone: 'good', withReason: false },
  candidate: { explained: 'can be upgraded', tone: 'strong', withReason: false },
  held: { tone: 'warn', withReason: true },
  unsupported: { tone: 'warn', withReason: true },
  rebuilt: { explained: 'the same tag has another digest', tone: 'warn', withReason: true },
  suspicious: { tone: 'bad', withReason: true },
  'unknown-image': { explained: 'the registry does not know the image', tone: 'bad', withReason: true },
  unparseable: { explained: 'its tag is not a version', tone: 'warn', withReason: true },
  'registry-error': { explained: 'the registry could not be read', tone: 'bad', withReason: true },
  'not-deployed': { tone: 'dim', withReason: true },
  unwatched: { explained: 'no policy selects it', tone: 'dim', withReason: false },
}

const isKind = (kind: string): kind is DecisionKind => kind in decisions

/** A decision for a table: the word that docs and JSON have, then what it means. */
export function decisionCell(kind: string, reason: string): Cell {
  if (!isKind(kind)) return { text: `${kind}: ${reason}`, tone: 'warn' }
  const { explained, tone, withReason } = decisions[kind]
  return { text: [kind, explained, withReason && reason].filter(Boolean).join(': '), tone }
}

const outcomeTones: Record<Outcome, Tone | undefined> = {
  succeeded: 'good',
  'rolled-back': 'bad',
  rejected: 'dim',
  expired: 'dim',
  refused: 'warn',
  superseded: 'dim',
  aborted: 'warn',
  held: 'bad',
  'up-to-date': 'dim',
}

/** The outcome of an upgrade, else the phase that it is in. */
export const stageCell = ({ outcome, phase }: Pick<UpgradeRow, 'outcome' | 'phase'>): Cell =>
  outcome ? { text: outcome, tone: outcomeTones[outcome] } : { text: phase, tone: 'strong' }

/** What an open or held upgrade does and what it waits for, for a table. */
export function upgradeCell(upgrade: UpgradeRow | null): Cell {
  if (!upgrade) return '-'
  const { outcome, phase, toTag, waitingFor, message } = upgrade
  if (outcome) return { text: `${outcome} (${toTag}): ${message}`, tone: outcomeTones[outcome] }
  const words = waitingFor ? `waits for ${waitingFor}` : message
  return { text: `${phase} (${toTag})${words ? `: ${words}` : ''}`, tone: waitingFor ? 'warn' : undefined }
}
