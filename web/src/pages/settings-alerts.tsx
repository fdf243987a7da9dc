import { useQuery } from '@tanstack/react-query'
import { alerts } from '../api/queries'
import { Asked } from '../ui/asked'
import { Ago, Chip, Panel } from '../ui/parts'

/** Whether people hear what Refit has to say. */
export function AlertsPanel() {
  const query = useQuery(alerts)
  return (
    <Panel title="Alerts" id="alerts">
      <Asked query={query} what="the alerts">
        {({ targets }) =>
          targets.length === 0 ? (
            <p className="muted">No alert was made yet. Where they go is written under alerts in refit.yaml.</p>
          ) : (
            <ul className="bare panel-list">
              {targets.map(({ target, waiting, dead, oldest, lastError }) => (
                <li key={target}>
                  <strong className="break">{target}</strong>{' '}
                  <Chip tone={dead > 0 ? 'bad' : waiting > 0 ? 'warn' : 'good'}>
                    {dead > 0 ? `${dead} given up` : waiting > 0 ? `${waiting} wait` : 'all were taken'}
                  </Chip>
                  {(waiting > 0 || dead > 0) && (
                    <p className="muted">
                      {lastError}
                      {oldest && (
                        <>
                          , the oldest is tried since <Ago at={oldest} />
                        </>
                      )}
                    </p>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </Panel>
  )
}
