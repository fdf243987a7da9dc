import type { Phase } from '../../../src/domain/status'
import type { Sample } from '../api/shapes'
import { secondsWords } from '../words/time'
import { phaseWords } from '../words/upgrade'

interface Mark {
  phase: Phase
  at: number
}

const size = { width: 640, height: 150, left: 26, right: 8, top: 18, bottom: 22 }

/** Pods over time as steps: what is true stays so until the next sample. */
export function HealthPlot({
  samples,
  marks,
  until,
  label,
}: {
  samples: readonly Sample[]
  marks: readonly Mark[]
  until: number
  label: string
}) {
  const points = samples.map((each) => ({ ...each, t: Date.parse(each.at) }))
  const start = Math.min(points[0]?.t ?? until, ...marks.map(({ at }) => at))
  const end = Math.max(until, points.at(-1)?.t ?? until, start + 1_000)
  const top = Math.max(1, ...samples.flatMap(({ desired, available, ready }) => [desired, available, ready]))
  const { width, height, left, right, bottom } = size
  const x = (t: number): number => left + ((t - start) / (end - start)) * (width - left - right)
  const y = (pods: number): number => height - bottom - (pods / top) * (height - bottom - size.top)
  const line = (value: (sample: Sample) => number): string =>
    points.map((each, index) => `${index === 0 ? `M${x(each.t)} ` : `H${x(each.t)}V`}${y(value(each))}`).join('') +
    `H${x(end)}`
  const floor = y(0)
  const area = `${line(({ available }) => available)}V${floor}H${x(points[0]?.t ?? start)}Z`
  const fresh = `${line(({ ready }) => ready)}V${floor}H${x(points[0]?.t ?? start)}Z`
  const unhealthy = points.flatMap((each, index) =>
    each.healthy === false ? [{ from: each.t, to: points[index + 1]?.t ?? end }] : [],
  )
  const ticks = [...new Set([0, Math.ceil(top / 2), top])]
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} className="health-plot">
      {ticks.map((pods) => (
        <g key={pods}>
          <line x1={left} x2={width - right} y1={y(pods)} y2={y(pods)} className="grid" />
          <text x={left - 6} y={y(pods) + 4} textAnchor="end">
            {pods}
          </text>
        </g>
      ))}
      <path d={area} className="serving" />
      <path d={fresh} className="new" />
      <path d={line(({ desired }) => desired)} className="desired" />
      {unhealthy.map(({ from, to }) => (
        <rect key={from} x={x(from)} width={Math.max(2, x(to) - x(from))} y={floor} height={4} className="unhealthy" />
      ))}
      {marks.map(({ phase, at }) => (
        <g key={phase}>
          <line x1={x(at)} x2={x(at)} y1={size.top - 6} y2={floor} className="mark" />
          <text x={x(at) + 3} y={size.top - 6}>
            {phaseWords[phase]}
          </text>
        </g>
      ))}
      <text x={left} y={height - 6}>
        {secondsWords(new Date(start))}
      </text>
      <text x={width - right} y={height - 6} textAnchor="end">
        {secondsWords(new Date(end))}
      </text>
    </svg>
  )
}
