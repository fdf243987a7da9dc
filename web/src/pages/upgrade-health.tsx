import type { Sample, UpgradePage } from '../api/shapes'
import { Panel, useNow } from '../ui/parts'
import { secondsWords } from '../words/time'
import { HealthPlot } from './health-plot'

/** How many pods served while it was rolled and watched. */
export function HealthPanel({ page: { samples, events, upgrade } }: { page: UpgradePage }) {
  const now = useNow(5_000)
  if (samples.length === 0) return null
  const workloads = [...new Set(samples.map(({ workload }) => workload))]
  const marks = (['rollout', 'bake', 'rollback'] as const).flatMap((phase) => {
    const first = events.find((each) => each.phase === phase)
    return first ? [{ phase, at: Date.parse(first.at) }] : []
  })
  const until = upgrade.endedAt ? Date.parse(upgrade.endedAt) : now
  return (
    <Panel title="Health over time">
      {workloads.map((workload) => {
        const own = samples.filter((each) => each.workload === workload)
        return (
          <figure key={workload} className="plot">
            <figcaption>
              <strong>{workload}</strong> <span className="muted">{nowOf(own.at(-1))}</span>
            </figcaption>
            <HealthPlot samples={own} marks={marks} until={until} label={`${workload}: ${story(own)}`} />
          </figure>
        )
      })}
      <p className="legend muted">
        <span className="key serving">serve</span> <span className="key new">of them new</span>{' '}
        <span className="key desired">desired</span> <span className="key unhealthy">health failed</span>
      </p>
      <details>
        <summary>As a table</summary>
        <SampleTable samples={samples} />
      </details>
    </Panel>
  )
}

function nowOf(sample: Sample | undefined): string {
  if (!sample) return ''
  const { available, desired, ready, restarts, healthy } = sample
  const health = healthy === null ? '' : healthy ? ', healthy' : ', health failed'
  return `${available} serve (${desired} desired), ${ready} of them new${restarts > 0 ? `, ${restarts} restarts` : ''}${health}`
}

function story(samples: readonly Sample[]): string {
  const fewest = Math.min(...samples.map(({ available }) => available))
  return `${nowOf(samples.at(-1))}; at the fewest ${fewest} served`
}

const SampleTable = ({ samples }: { samples: readonly Sample[] }) => (
  <div className="scroll" tabIndex={0} role="region" aria-label="Health over time as a table">
    <table>
      <thead>
        <tr>
          <th scope="col">At</th>
          <th scope="col">Workload</th>
          <th scope="col">Desired</th>
          <th scope="col">Serve</th>
          <th scope="col">New</th>
          <th scope="col">New and ready</th>
          <th scope="col">Restarts</th>
          <th scope="col">Health</th>
        </tr>
      </thead>
      <tbody>
        {samples.map(({ at, workload, desired, available, updated, ready, restarts, healthy }, index) => (
          <tr key={index}>
            <td>{secondsWords(at)}</td>
            <td>{workload}</td>
            <td>{desired}</td>
            <td>{available}</td>
            <td>{updated}</td>
            <td>{ready}</td>
            <td>{restarts}</td>
            <td>{healthy === null ? '–' : healthy ? 'good' : 'failed'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
