import type { Config } from '../config'
import { RefitError } from '../domain/errors'
import { freezeSpan } from '../domain/window'
import { nextOpenings, type Opening } from '../domain/window-openings'
import { zoneOf } from '../domain/window-words'
import type { Store } from '../store/contracts'

/** A time in which upgrades under a policy may start. Instants are ISO 8601; `to` null: no end in this calendar. */
export interface CalendarOpening {
  policy: string
  namespaces: string[]
  from: string
  to: string | null
  /** what local times are told in */
  timeZone: string
}

/** A time in which they may not. */
export interface CalendarFreeze {
  source: 'policy' | 'switch'
  policy: string | null
  /** null: all that the policy selects, or the whole hub */
  namespace: string | null
  from: string
  /** null: until somebody lifts it */
  to: string | null
  reason: string
  by: string | null
}

export interface Calendar {
  from: string
  to: string
  openings: CalendarOpening[]
  freezes: CalendarFreeze[]
  /** policies with so many openings that only the first ones are here */
  cut: string[]
}

const dayMs = 86_400_000
const mostDays = 62
const mostYearsMs = 3_660 * dayMs
/** Of one policy: a window of each hour. */
const mostOpenings = 24 * mostDays

/**
 * Windows and freezes of all policies, and the freeze switches, from `from` (today) to `to` (four weeks later). USAGE for
 * more than 62 days, an end that isn't after the beginning, or another decade.
 */
export async function calendar(
  { store, config }: { store: { freezes: Pick<Store['freezes'], 'since'> }; config: Pick<Config, 'policies'> },
  { from: begin, to: end, now }: { from?: Date | undefined; to?: Date | undefined; now: Date },
): Promise<Calendar> {
  const from = begin ?? new Date(Math.floor(now.getTime() / dayMs) * dayMs)
  const to = end ?? new Date(from.getTime() + 28 * dayMs)
  const span = to.getTime() - from.getTime()
  if (Math.abs(from.getTime() - now.getTime()) > mostYearsMs)
    throw new RefitError('USAGE', 'A calendar is of ten years ago at most, and of ten years to come.', 'Ask for less.')
  if (!(span > 0) || span > mostDays * dayMs)
    throw new RefitError('USAGE', `A calendar has at most ${mostDays} days, and ends after it begins.`, 'Ask for less.')
  const cut: string[] = []
  const openings = config.policies.flatMap((policy) => {
    const found = openingsOf(policy, from.getTime(), to.getTime())
    if (found.isCut) cut.push(policy.name)
    return found.openings
  })
  const switches = (await store.freezes.since(from)).filter(
    ({ at, lifted }) => at < to && (lifted === null || lifted.at > from),
  )
  return {
    ...{ from: from.toISOString(), to: to.toISOString() },
    openings,
    freezes: [
      ...config.policies.flatMap((policy) => freezesOf(policy, from.getTime(), to.getTime())),
      ...switches.map(({ namespace, at, lifted, reason, by }): CalendarFreeze => ({
        ...{ source: 'switch', policy: null, namespace, from: at.toISOString() },
        ...{ to: lifted?.at.toISOString() ?? null, reason, by },
      })),
    ],
    cut,
  }
}

type Policy = Config['policies'][number]

function openingsOf(policy: Policy, from: number, to: number): { openings: CalendarOpening[]; isCut: boolean } {
  const { name, select, windows, freezes } = policy
  const rules = { windows, freezes }
  const found = nextOpenings(rules, from, mostOpenings, 0, to).filter((each) => each.from < to)
  const open = found.filter((each): each is Extract<Opening, { kind: 'open' }> => each.kind === 'open')
  return {
    openings: open.map((each) => ({
      ...{ policy: name, namespaces: [...select.namespaces], timeZone: zoneOf(rules) },
      from: new Date(each.from).toISOString(),
      // What is open for years is open for all that this calendar shows.
      to: each.to === null || each.to > to + 366 * dayMs ? null : new Date(each.to).toISOString(),
    })),
    isCut: found.length === mostOpenings,
  }
}

const freezesOf = ({ name, freezes }: Policy, from: number, to: number): CalendarFreeze[] =>
  freezes.flatMap((freeze) => {
    const span = freezeSpan(freeze)
    if (span.to <= from || span.from >= to) return []
    return [
      {
        ...{ source: 'policy' as const, policy: name, namespace: null },
        ...{ from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() },
        ...{ reason: `${freeze.from} to ${freeze.to} (${freeze.timeZone})`, by: null },
      },
    ]
  })
