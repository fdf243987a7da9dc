import type { DecisionKind } from '../domain/decision'
import type { Outcome } from '../domain/status'
import type { UpgradeRow } from '../store/contracts'
import type { Cell, Tone } from './render'

/** Every decision in words; those that need their reason to be understood bring it along. */
const decisions: Record<DecisionKind, { words: string; tone: Tone | undefined; withReason: boolean }> = {
  'up-to-date': { words: 'up to date', tone: 'good', withReason: false },
  candidate: { words: 'can be upgraded', tone: 'strong', withReason: false },
  held: { words: 'held', tone: 'warn', withReason: true },
  unsupported: { words: 'no supported release', tone: 'warn', withReason: true },
  rebuilt: { words: 'rebuilt under the same tag', tone: 'warn', withReason: true },
  suspicious: { words: 'suspicious', tone: 'bad', withReason: true },
  'unknown-image': { words: 'unknown: the registry does not know the image', tone: 'bad', withReason: true },
  unparseable: { words: 'unknown: its tag is not a version', tone: 'warn', withReason: true },
  'registry-error': { words: 'unknown: the registry could not be read', tone: 'bad', withReason: true },
  'not-deployed': { words: 'not deployed', tone: 'dim', withReason: true },
  unwatched: { words: 'not watched', tone: 'dim', withReason: false },
}

const isKind = (kind: string): kind is DecisionKind => kind in decisions

/** A decision for a table. */
export function decisionCell(kind: string, reason: string): Cell {
  if (!isKind(kind)) return { text: `${kind}: ${reason}`, tone: 'warn' }
  const { words, tone, withReason } = decisions[kind]
  return { text: withReason && reason ? `${words}: ${reason}` : words, tone }
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
