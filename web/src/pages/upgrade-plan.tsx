import type { UpgradePage } from '../api/shapes'
import { Panel } from '../ui/parts'
import { planLines } from '../words/steps'

/** What an approval binds: in plain words, under its hash, and as it is kept for who wants every byte. */
export function PlanPanel({ page: { plan, upgrade } }: { page: UpgradePage }) {
  if (!plan)
    return (
      <Panel title="Plan">
        <p className="muted">
          No plan is kept for this upgrade{upgrade.outcome ? ': it ended before one was made.' : ' yet.'}
        </p>
      </Panel>
    )
  const lines = planLines(plan.lines).filter(({ label }) => label !== 'plan')
  return (
    <Panel title="Plan" extra={<code className="hash">{plan.hash}</code>}>
      <dl className="facts plan">
        {lines.map(({ label, text, details }, index) => (
          <div key={index}>
            <dt>{label || 'what'}</dt>
            <dd>
              {text}
              {details.length > 0 && (
                <ul className="findings">
                  {details.map((each, at) => (
                    <li key={at}>{each}</li>
                  ))}
                </ul>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <p className="muted">
        The hash is of everything in the plan: images by digest, migrations, workloads, and the policy’s values. Nothing
        else is ever carried out under it.
      </p>
      <details>
        <summary>As it is kept, in JSON</summary>
        <pre tabIndex={0}>{JSON.stringify(plan.body, null, 2)}</pre>
      </details>
    </Panel>
  )
}
