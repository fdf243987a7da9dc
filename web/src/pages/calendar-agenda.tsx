import type { CalendarPage } from '../api/shapes'
import { Panel } from '../ui/parts'
import { clockWords, dayWords, localZone } from '../words/time'
import { byPolicy, shownPart, type Opening, type Span } from './calendar-spans'

/** The openings day by day, in words. */
export function Agenda({ page: { openings }, span }: { page: CalendarPage; span: Span }) {
  const own = [...byPolicy(openings, span).values()].flat()
  if (own.length === 0)
    return (
      <Panel title="Openings">
        <p className="muted">No window opens in these two weeks.</p>
      </Panel>
    )
  const days = new Map<string, Opening[]>()
  for (const each of own.sort((a, b) => Date.parse(a.from) - Date.parse(b.from))) {
    const part = shownPart(each, span)
    if (!part) continue
    const day = dayWords(new Date(part.from))
    days.set(day, [...(days.get(day) ?? []), each])
  }
  return (
    <Panel title="Openings">
      <ul className="agenda">
        {[...days].map(([day, each]) => (
          <li key={day}>
            <h3>{day}</h3>
            <ul className="bare">
              {each.map((opening) => (
                <li key={`${opening.policy} ${opening.from}`}>
                  <time dateTime={opening.from}>{clockWords(opening.from)}</time> to {endOf(opening)}{' '}
                  <strong>{opening.policy}</strong>{' '}
                  <span className="muted">
                    {opening.namespaces.join(', ')}
                    {opening.timeZone !== localZone && `; ${there(opening)}`}
                  </span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

const endOf = ({ from, to }: Opening): string => {
  if (to === null) return 'without end'
  return dayWords(new Date(from)) === dayWords(new Date(to))
    ? clockWords(to)
    : `${dayWords(new Date(to))}, ${clockWords(to)}`
}

/** The same by the clock that the policy is written in. */
function there({ from, to, timeZone }: Opening): string {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' })
  return `${clock.format(new Date(from))}${to ? ` to ${clock.format(new Date(to))}` : ''} in ${timeZone}`
}
