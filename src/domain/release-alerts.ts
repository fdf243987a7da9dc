import { type Alert, type AlertLevel, codeBlock, type Hub, hubName, plain } from './alert'
import { approveReleaseCommands } from './release-status'
import type { Outcome } from './status'

interface ReleaseNews {
  hub: Hub
  /** of the hub's workflows, for the commands */
  temporalNamespace: string
  release: { id: string; name: string; hash: string | null; requestedBy: string }
  /** in the order in which they go */
  services: readonly { namespace: string; service: string; from: string; to: string; wave: number }[]
  /** of the recorded entry: once per release */
  key: string
  kind: string
  phase: string
  message: string
  outcome?: Outcome
  by?: string
}

/** The alert that belongs to one recorded entry of a release; undefined where the entry is nobody's news. */
export function releaseAlert(news: ReleaseNews): Alert | undefined {
  if (news.outcome) return endAlert(news, news.outcome)
  switch (news.kind) {
    case 'wave':
      return alertOf(news, 'info', 'goes on', [news.message])
    case 'approved':
      return alertOf(news, 'info', 'approved', [news.message])
    case 'said':
      return alertOf(news, 'info', 'was answered', [news.message])
    case 'escalated':
      return alertOf(news, 'action', 'still waits for approval', [news.message])
    case 'refused':
      return alertOf(news, 'info', 'a message was refused', [news.message])
    case 'entered':
      if (news.phase === 'approval') return approvalAlert(news)
      if (news.phase === 'window') return alertOf(news, 'info', 'waits for its window', [news.message])
      if (news.phase === 'rollback') return alertOf(news, 'action', 'is being put back', [news.message])
      return undefined
    default:
      return undefined
  }
}

/** The commands come first: they must be on the screen of a phone without scrolling. */
function approvalAlert(news: ReleaseNews): Alert {
  const { release, temporalNamespace } = news
  const planHash = release.hash ?? ''
  const alert = alertOf(news, 'action', 'waits for approval', [
    ...waveLines(news.services),
    `Started by ${release.requestedBy}. A failure stops the line. To say no: refit release reject ${release.name} --plan ${planHash}`,
  ])
  const commands = approveReleaseCommands({ release: release.name, planHash }, temporalNamespace)
  return { ...alert, text: [codeBlock(commands), alert.text].join('\n') }
}

/** `wave 1: hub/ledger v1.0.0 → v1.1.0` */
export function waveLines(services: ReleaseNews['services']): string[] {
  const waves = new Map<number, string[]>()
  for (const { namespace, service, from, to, wave } of services)
    waves.set(wave, [...(waves.get(wave) ?? []), `${namespace}/${service} ${from} → ${to}`])
  return [...waves].map(([wave, lines]) => `wave ${wave + 1}: ${lines.join(', ')}`)
}

const ends: Partial<Record<Outcome, { level: AlertLevel; words: string }>> = {
  succeeded: { level: 'info', words: 'succeeded' },
  'rolled-back': { level: 'action', words: 'was rolled back' },
  rejected: { level: 'info', words: 'was rejected' },
  expired: { level: 'action', words: 'expired' },
  refused: { level: 'action', words: 'was refused' },
  aborted: { level: 'action', words: 'was aborted' },
  held: { level: 'page', words: 'is HELD and needs a person' },
  'up-to-date': { level: 'info', words: 'has nothing to do' },
}

function endAlert(news: ReleaseNews, outcome: Outcome): Alert | undefined {
  const end = ends[outcome]
  if (!end) return undefined
  const alert = alertOf(news, end.level, end.words, [news.message])
  if (outcome !== 'held') return alert
  return { ...alert, text: [codeBlock([`refit release status ${news.release.name}`]), alert.text].join('\n') }
}

function alertOf(news: ReleaseNews, level: AlertLevel, words: string, lines: string[]): Alert {
  const { hub, release, key, by, message, phase, services } = news
  return {
    key: `release/${release.id}/${key}`,
    level,
    hub: hub.name,
    title: `release ${release.name} ${words}`,
    text: [`${hubName(hub)}: *release ${plain(release.name)}* ${words}`, ...lines.filter(Boolean).map(plain)].join(
      '\n',
    ),
    facts: {
      release: release.name,
      releaseId: release.id,
      ...(release.hash === null ? {} : { planHash: release.hash }),
      phase,
      services: String(services.length),
      reason: message,
      ...(by ? { by } : {}),
    },
  }
}
