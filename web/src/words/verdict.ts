/** The one sentence that says how the hub stands. */
import { unjudgedKinds, unreadKinds } from '../../../src/domain/decision'
import type { HubStatus, ServiceStatus } from '../api/shapes'
import type { Tone } from '../ui/tone'
import { waitsForApproval } from './upgrade'

export interface Verdict {
  sentence: string
  tone: Tone
}

/** By what services are counted and filtered; each falls into exactly one. */
export const groups = ['person', 'underway', 'candidate', 'held', 'doubtful', 'up-to-date', 'other'] as const
export type Group = (typeof groups)[number]

export const groupWords: Record<Group, string> = {
  person: 'need a person',
  underway: 'under way',
  candidate: 'can be upgraded',
  held: 'held back',
  doubtful: 'could not be judged',
  'up-to-date': 'up to date',
  other: 'not watched',
}

export function groupOf({ needsPerson, upgrade, decision, stale }: ServiceStatus): Group {
  if (needsPerson) return 'person'
  if (upgrade) return 'underway'
  if (!decision || unjudgedKinds.has(decision.kind)) return 'doubtful'
  if (decision.kind === 'not-deployed' || decision.kind === 'unwatched') return 'other'
  if (stale) return 'doubtful'
  if (decision.kind === 'candidate' || decision.kind === 'up-to-date') return decision.kind
  return 'held'
}

export function countGroups(services: readonly ServiceStatus[]): Record<Group, number> {
  const counts = Object.fromEntries(groups.map((each) => [each, 0])) as Record<Group, number>
  for (const each of services) counts[groupOf(each)] += 1
  return counts
}

const many = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`

/** What waits for an approval beside single upgrades. */
export interface AlsoWaiting {
  releases: number
  contracts: number
}

/** What is broken comes before what waits, what waits before what goes by itself. */
export function verdictOf(
  { scan, services, allUpToDate }: HubStatus,
  { releases, contracts }: AlsoWaiting = { releases: 0, contracts: 0 },
): Verdict {
  const of = (is: (each: ServiceStatus) => boolean): number => services.filter(is).length
  const held = of(({ upgrade }) => upgrade?.outcome === 'held')
  const waiting = of(({ upgrade }) => upgrade !== null && waitsForApproval(upgrade))
  const counts = countGroups(services)
  const unread = of(({ decision }) => decision !== null && unreadKinds.has(decision.kind))
  if (held > 0 && waiting > 0)
    return {
      sentence: `${many(held, 'upgrade is', 'upgrades are')} held, ${waiting} ${waiting === 1 ? 'waits' : 'wait'} for an approval`,
      tone: 'bad',
    }
  if (held > 0)
    return {
      sentence: `${many(held, 'upgrade is', 'upgrades are')} held and ${held === 1 ? 'needs' : 'need'} a person`,
      tone: 'bad',
    }
  if (waiting > 0)
    return { sentence: `${many(waiting, 'upgrade waits', 'upgrades wait')} for an approval`, tone: 'ask' }
  if (releases > 0)
    return { sentence: `${many(releases, 'release waits', 'releases wait')} for an approval`, tone: 'ask' }
  if (contracts > 0)
    return { sentence: `${many(contracts, 'contract waits', 'contracts wait')} for an approval`, tone: 'ask' }
  if (counts.person > 0)
    return { sentence: `${many(counts.person, 'service needs', 'services need')} a person`, tone: 'bad' }
  if (!scan) return { sentence: 'No scan has run yet', tone: 'warn' }
  if (scan.stale) return { sentence: 'The last scan is too old to be believed', tone: 'bad' }
  if (counts.underway > 0)
    return { sentence: `${many(counts.underway, 'upgrade is', 'upgrades are')} under way`, tone: 'info' }
  if (unread > 0) return { sentence: `${many(unread, 'service', 'services')} could not be read`, tone: 'warn' }
  if (counts.candidate > 0)
    return { sentence: `${many(counts.candidate, 'service', 'services')} can be upgraded`, tone: 'info' }
  if (allUpToDate) return { sentence: 'Everything is up to date', tone: 'good' }
  return { sentence: 'Nothing waits for anybody', tone: 'good' }
}
