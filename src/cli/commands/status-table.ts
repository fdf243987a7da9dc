import type { HubStatus, ServiceStatus } from '../../operations/status'
import type { Context } from '../context'
import { ago, type Cell } from '../render'
import { decisionCell, upgradeCell } from '../words'

/** A table that is longer is read by nobody. */
const rowsShown = 60

/** The services as a table. Of very many those come first that want somebody, and the rest is counted. */
export function serviceTable(context: Context, { services }: HubStatus, { all }: { all: boolean }): string[] {
  if (services.length === 0) return []
  const shown = all || services.length <= rowsShown ? services : mostUrgent(services)
  const rows = shown.map((service) => rowOf(service, context.io.now()))
  const hidden = services.length - shown.length
  return [
    '',
    context.table(['SERVICE', 'RUNNING', 'DECISION', 'CANDIDATE', 'POLICY', 'NEXT OPEN', 'UPGRADE'], rows),
    ...(hidden > 0
      ? [context.paint('dim', `${summaryOf(services)}; ${hidden} are not shown: refit status --all, or -o json`)]
      : []),
  ]
}

/** Each rank keeps the order of names. */
function mostUrgent(services: readonly ServiceStatus[]): ServiceStatus[] {
  const ranks: ServiceStatus[][] = [[], [], [], []]
  for (const service of services) ranks[rankOf(service)]?.push(service)
  return ranks.flat().slice(0, rowsShown)
}

function rankOf({ upgrade, needsPerson, decision }: ServiceStatus): number {
  if (upgrade?.outcome === 'held') return 0
  // Thousands may wait for an approval; what moves is seen between them.
  if (upgrade && upgrade.phase !== 'approval') return 1
  return needsPerson !== null || decision?.kind === 'candidate' ? 2 : 3
}

function summaryOf(services: readonly ServiceStatus[]): string {
  const counts = new Map<string, number>()
  for (const { upgrade, decision } of services) {
    const words = upgrade ? (upgrade.outcome ?? `in phase ${upgrade.phase}`) : (decision?.kind ?? 'unknown')
    counts.set(words, (counts.get(words) ?? 0) + 1)
  }
  return `${services.length} services: ${[...counts].map(([words, count]) => `${count} ${words}`).join(', ')}`
}

function rowOf({ namespace, service, decision, stale, upgrade, window }: ServiceStatus, now: Date): Cell[] {
  const id = `${namespace}/${service}`
  if (!decision)
    return [
      id,
      '-',
      { text: 'unknown: the last scan did not see it', tone: 'warn' },
      '-',
      '-',
      '-',
      upgradeCell(upgrade),
    ]
  const { kind, reason, current, candidate, policy, mode, at } = decision
  const cell = decisionCell(kind, reason)
  const words = typeof cell === 'string' ? cell : cell.text
  return [
    id,
    current || '-',
    stale ? { text: `unknown: ${words} ${ago(at, now)}`, tone: 'warn' } : cell,
    candidate?.tag ?? '-',
    policy ? `${policy} (${mode})` : '-',
    windowCell(window, mode),
    upgradeCell(upgrade),
  ]
}

/** A policy that only watches starts nothing. */
function windowCell(window: ServiceStatus['window'], mode: string | undefined): Cell {
  if (!window || mode === 'watch') return '-'
  if (window.state === 'frozen') return { text: 'frozen', tone: 'warn' }
  if (window.state === 'never') return { text: 'never', tone: 'bad' }
  return window.nextOpenLocal ?? { text: 'now', tone: 'good' }
}
