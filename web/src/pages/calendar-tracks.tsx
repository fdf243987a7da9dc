import type { CalendarPage } from '../api/shapes'
import { dayWords, when } from '../words/time'
import { byPolicy, concerns, shownPart, type Span } from './calendar-spans'

const size = { width: 1_000, label: 150, head: 24, row: 34, bar: 18 }
const dayMs = 86_400_000

/** A line per policy: green where it is open, hatched where a freeze holds. The list below says the same in words. */
export function Tracks({ page: { openings, freezes }, span }: { page: CalendarPage; span: Span }) {
  const rows = [...byPolicy(openings, span)]
  if (rows.length === 0) return null
  const { width, label, head, row, bar } = size
  const height = head + rows.length * row + 4
  const x = (t: number): number => label + ((t - span.from) / (span.to - span.from)) * (width - label)
  const days = Array.from(
    { length: Math.round((span.to - span.from) / dayMs) },
    (_, index) => span.from + index * dayMs,
  )
  const now = Date.now()
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className="tracks" role="img" aria-label="Openings by policy; listed below">
      <defs>
        <pattern id="hatched" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="3" height="6" className="hatch" />
        </pattern>
      </defs>
      {days.map((day, index) => (
        <g key={day}>
          <line x1={x(day)} x2={x(day)} y1={head - 6} y2={height} className="grid" />
          {index % 2 === 0 && (
            <text x={x(day) + 4} y={14}>
              {dayWords(new Date(day))}
            </text>
          )}
        </g>
      ))}
      {rows.map(([policy, own], index) => {
        const y = head + index * row + (row - bar) / 2
        return (
          <g key={policy}>
            <text x={0} y={y + 13} className="policy">
              {policy.length > 20 ? `${policy.slice(0, 19)}…` : policy}
            </text>
            <rect x={label} y={y} width={width - label} height={bar} rx={3} className="track" />
            {own.map((each) => {
              const part = shownPart(each, span)
              if (!part) return null
              return (
                <rect
                  key={each.from}
                  x={x(part.from)}
                  y={y}
                  width={Math.max(3, x(part.to) - x(part.from))}
                  height={bar}
                  rx={3}
                  className="open"
                >
                  <title>{`${policy}: ${when(each.from)} to ${each.to ? when(each.to) : 'without end'}`}</title>
                </rect>
              )
            })}
            {freezes
              .filter((each) => concerns(each, policy, own[0]?.namespaces ?? []))
              .map((each) => {
                const part = shownPart(each, span)
                if (!part) return null
                return (
                  <rect
                    key={`${each.source} ${each.from}`}
                    x={x(part.from)}
                    y={y - 3}
                    width={Math.max(3, x(part.to) - x(part.from))}
                    height={bar + 6}
                    fill="url(#hatched)"
                    className="frozen"
                  >
                    <title>{`freeze: ${each.reason}`}</title>
                  </rect>
                )
              })}
          </g>
        )
      })}
      {now > span.from && now < span.to && <line x1={x(now)} x2={x(now)} y1={head - 6} y2={height} className="now" />}
    </svg>
  )
}
