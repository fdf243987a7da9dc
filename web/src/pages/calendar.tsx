import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { calendar } from '../api/queries'
import type { CalendarPage } from '../api/shapes'
import { useTitle } from '../shell/shell'
import { ActButton } from '../ui/act'
import { freeze, liftFreeze } from '../ui/hub-acts'
import { Asked } from '../ui/asked'
import { Chip, Empty, Panel } from '../ui/parts'
import { dayWords, localZone, when } from '../words/time'
import { Agenda } from './calendar-agenda'
import { Tracks } from './calendar-tracks'
import { alwaysOpen, type Span } from './calendar-spans'

const days = 14
const dayMs = 86_400_000

/** When upgrades may start, and when they may not. */
export function Calendar() {
  useTitle('Calendar')
  const [params, setParams] = useSearchParams()
  const shift = Number(params.get('weeks') ?? 0) || 0
  const span = spanOf(shift)
  const query = useQuery({
    ...calendar(new Date(span.from).toISOString(), new Date(span.to).toISOString()),
    placeholderData: keepPreviousData,
  })
  const go = (weeks: number): void => setParams(weeks === 0 ? {} : { weeks: String(weeks) }, { replace: true })
  return (
    <>
      <header className="headline">
        <h1>Calendar</h1>
        <p className="muted">
          When upgrades may start, in the time of this machine ({localZone}). A freeze wins over every window.
        </p>
        <ActButton act={freeze} />
      </header>
      <nav className="pager" aria-label="Weeks">
        <button type="button" onClick={() => go(shift - 2)}>
          Earlier
        </button>
        <h2>
          {dayWords(new Date(span.from))} to {dayWords(new Date(span.to - dayMs))}
        </h2>
        <button type="button" onClick={() => go(shift + 2)}>
          Later
        </button>
        {shift !== 0 && (
          <button type="button" onClick={() => go(0)}>
            Today
          </button>
        )}
      </nav>
      <Asked query={query} what="the calendar">
        {(page) => <Weeks page={page} span={span} />}
      </Asked>
    </>
  )
}

/** Two weeks of whole days, as days are here. */
function spanOf(weeks: number): Span {
  const from = new Date()
  from.setHours(0, 0, 0, 0)
  from.setDate(from.getDate() + weeks * 7)
  const to = new Date(from)
  to.setDate(to.getDate() + days)
  return { from: from.getTime(), to: to.getTime() }
}

function Weeks({ page, span }: { page: CalendarPage; span: Span }) {
  const { openings, freezes, cut } = page
  if (openings.length === 0 && freezes.length === 0)
    return (
      <Empty title="No policy has a window or a freeze here.">
        <p>
          Upgrades of policies without windows start as soon as they are approved. Windows and freezes are written in
          refit.yaml; a freeze switch can be thrown above.
        </p>
      </Empty>
    )
  const always = alwaysOpen(openings, span)
  return (
    <>
      {freezes.length > 0 && (
        <Panel title="Freezes" tone="ask">
          <ul className="bare">
            {freezes.map(({ source, policy, namespace, from, to, reason, by }) => (
              <li key={`${source} ${policy} ${namespace} ${from}`} className="freeze">
                <span>
                  <Chip tone="ask">freeze</Chip>{' '}
                  <strong>
                    {policy ? `policy ${policy}` : namespace ? `namespace ${namespace}` : 'the whole hub'}
                  </strong>{' '}
                  from {when(from)} {to ? `to ${when(to)}` : 'until somebody lifts it'}
                  <br />
                  <span className="muted">
                    {reason}
                    {by && `, by ${by}`}
                  </span>
                </span>
                {source === 'switch' && to === null && <ActButton act={liftFreeze(namespace)} className="small" />}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Tracks page={page} span={span} />
      {always.length > 0 && (
        <p className="muted">
          At any time unless frozen: <strong>{always.join(', ')}</strong>.
        </p>
      )}
      {cut.length > 0 && <p className="muted">Of {cut.join(', ')} there are more openings than are shown here.</p>}
      <Agenda page={page} span={span} />
    </>
  )
}
