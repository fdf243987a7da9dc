import { useQuery } from '@tanstack/react-query'
import { schedules, settings } from '../api/queries'
import { useTitle } from '../shell/shell'
import { ActButton, type Act } from '../ui/act'
import { Asked } from '../ui/asked'
import { useMay } from '../ui/may'
import { Ago, Chip, Empty, Panel } from '../ui/parts'
import { AlertsPanel } from './settings-alerts'
import { policiesOf, yamlOf } from '../words/settings'

/** What Refit goes by; changed in refit.yaml, never here. */
export function Settings() {
  useTitle('Settings')
  const may = useMay()
  return (
    <>
      <header className="headline">
        <h1>Settings</h1>
        <p className="muted">
          refit.yaml as Refit understands it, to read. Changes are made in the file, and hold once worker and server
          were started with it. Secrets are never shown, only the names of what holds them.
        </p>
      </header>
      <Schedules />
      <AlertsPanel />
      {may('operator') ? (
        <Understood />
      ) : (
        <p className="muted">Your login may look at upgrades; the settings need the scope operator.</p>
      )}
    </>
  )
}

/** The file itself. */
function Understood() {
  const query = useQuery(settings)
  return (
    <Asked query={query} what="the settings">
      {(data) => (
        <>
          <Policies data={data} />
          <Panel title="All of it">
            <pre tabIndex={0} aria-label="refit.yaml as it is understood">
              {yamlOf(data)}
            </pre>
          </Panel>
        </>
      )}
    </Asked>
  )
}

function Policies({ data }: { data: unknown }) {
  const policies = policiesOf(data)
  if (policies.length === 0)
    return (
      <Empty title="refit.yaml has no policy.">
        <p>Without one nothing is watched. refit init writes a first file from what runs.</p>
      </Empty>
    )
  return (
    <Panel title="Policies">
      <p className="muted">The first that selects a service wins.</p>
      <ol className="policies">
        {policies.map(({ name, mode, facts }) => (
          <li key={name}>
            <p className="card-head">
              <strong>{name}</strong>
              <Chip tone={mode === 'automatic' ? 'info' : mode === 'approve' ? 'ask' : 'quiet'}>{mode}</Chip>
            </p>
            <dl className="facts">
              {facts.map(([label, value]) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

const meant: Readonly<Record<string, string>> = {
  scan: 'looks at the cluster and the registries',
  digest: 'tells how the hub stands, at the times of digestAt',
}

function Schedules() {
  const query = useQuery(schedules)
  return (
    <Panel title="Schedules">
      <Asked query={query} what="the Schedules">
        {({ schedules: rows }) =>
          rows.length === 0 ? (
            <p className="muted">There is no Schedule yet: a worker makes them when it starts.</p>
          ) : (
            <ul className="bare">
              {rows.map(({ id, state, note, nextRuns }) => {
                const name = id.replace(/^refit\//, '')
                return (
                  <li key={id} className="schedule">
                    <span>
                      <strong>{name}</strong> <Chip tone={state === 'active' ? 'good' : 'warn'}>{state}</Chip>
                      <br />
                      <span className="muted">
                        {meant[name] ?? id}
                        {state === 'active' && nextRuns[0] && (
                          <>
                            , next <Ago at={nextRuns[0]} />
                          </>
                        )}
                        {note && `; ${note}`}
                      </span>
                    </span>
                    <div className="buttons">
                      <ActButton act={act(name, 'trigger')} className="small" />
                      <ActButton act={act(name, state === 'paused' ? 'resume' : 'pause')} className="small" />
                    </div>
                  </li>
                )
              })}
            </ul>
          )
        }
      </Asked>
    </Panel>
  )
}

const verbs = {
  trigger: { label: 'Run now', explain: 'It runs once, outside of its times.' },
  pause: { label: 'Pause', explain: 'Nothing more starts by it until somebody resumes it. What runs goes on.' },
  resume: { label: 'Resume', explain: 'It goes on. What it missed meanwhile is not made up for.' },
} as const

const act = (name: string, verb: keyof typeof verbs): Act => ({
  ...{
    label: verbs[verb].label,
    title: `${verbs[verb].label}: ${name}`,
    confirm: verbs[verb].label,
    scope: 'operator',
  },
  path: `/api/v1/schedules/${name}/${verb}`,
  explain: <p>{verbs[verb].explain}</p>,
  fields: verb === 'trigger' ? [] : [{ name: 'reason', label: 'Why', kind: 'text', required: true }],
  done: { trigger: 'It was started.', pause: 'It is paused.', resume: 'It goes on.' }[verb],
})
