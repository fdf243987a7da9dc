/** Decisions in the words that the CLI has for them. */
import type { DecisionKind } from '../../../src/domain/decision'
import type { ServiceStatus } from '../api/shapes'
import type { Tone } from '../ui/tone'

interface Words {
  tone: Tone
  /** what the kind means, where the reason doesn't say it */
  explained?: string
}

const kinds: Record<DecisionKind, Words> = {
  'up-to-date': { tone: 'good' },
  candidate: { tone: 'info', explained: 'can be upgraded' },
  held: { tone: 'warn' },
  unsupported: { tone: 'warn' },
  rebuilt: { tone: 'warn', explained: 'the same tag has another digest' },
  suspicious: { tone: 'bad' },
  'unknown-image': { tone: 'bad', explained: 'the registry does not know the image' },
  unparseable: { tone: 'warn', explained: 'its tag is not a version' },
  'registry-error': { tone: 'bad', explained: 'the registry could not be read' },
  'not-deployed': { tone: 'quiet' },
  unwatched: { tone: 'quiet', explained: 'no policy selects it' },
}

const isKind = (kind: string): kind is DecisionKind => Object.hasOwn(kinds, kind)

export const decisionTone = (kind: string): Tone => (isKind(kind) ? kinds[kind].tone : 'warn')

/** What the chip doesn't say: the meaning of the kind, and the reason where it tells more. */
export function decisionWords(decision: ServiceStatus['decision']): string {
  if (!decision) return 'no scan has seen it yet'
  const { kind, reason } = decision
  if (kind === 'up-to-date') return ''
  const explained = isKind(kind) ? kinds[kind].explained : undefined
  if (kind === 'candidate' || kind === 'unwatched') return explained ?? reason
  return [explained, reason].filter(Boolean).join(': ')
}

/** The newest version that Refit knows for it: the candidate's, else what runs where nothing newer is allowed. */
export function newestTag({ decision }: Pick<ServiceStatus, 'decision'>): string {
  if (!decision) return '–'
  return decision.candidate?.tag ?? (decision.kind === 'up-to-date' ? decision.current : '–')
}
