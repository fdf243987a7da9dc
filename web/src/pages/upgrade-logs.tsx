import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { upgradeLogs } from '../api/queries'
import type { UpgradePage } from '../api/shapes'
import { Asked } from '../ui/asked'
import { useMay } from '../ui/may'
import { At, Panel } from '../ui/parts'

/** What the Jobs of its migrations printed; fetched when asked for. */
export function LogsPanel({ page: { upgrade, plan } }: { page: UpgradePage }) {
  const [isOpen, setOpen] = useState(false)
  const may = useMay()
  if (!plan?.body.migrations.length && !plan?.body.policy.health.some((each) => 'job' in each)) return null
  return (
    <Panel title="Logs of Jobs">
      {!may('operator') ? (
        <p className="muted">Reading them needs the scope operator.</p>
      ) : isOpen ? (
        <Logs id={upgrade.id} />
      ) : (
        <button type="button" onClick={() => setOpen(true)}>
          Show the logs
        </button>
      )}
    </Panel>
  )
}

function Logs({ id }: { id: string }) {
  const query = useQuery(upgradeLogs(id))
  return (
    <Asked query={query} what="the logs">
      {({ logs }) =>
        logs.length === 0 ? (
          <p className="muted">No Job of it has logged anything yet.</p>
        ) : (
          logs.map(({ step, log, at }) => (
            <section key={step} className="log">
              <h3>
                {step}{' '}
                <span className="muted">
                  <At at={at} />
                </span>
              </h3>
              <pre tabIndex={0} aria-label={`Log of ${step}`}>
                {log}
              </pre>
            </section>
          ))
        )
      }
    </Asked>
  )
}
