import type { UpgradePage } from '../api/shapes'
import { ActButton } from '../ui/act'
import { goOn, putBack, resolve } from '../ui/hub-acts'
import { Command, Panel } from '../ui/parts'

/** What a person can do where Refit does nothing more. */
export function HeldPanel({ page: { upgrade: row, held } }: { page: UpgradePage }) {
  if (row.outcome !== 'held' || row.resolvedAs || !held) return null
  return (
    <Panel title="What to do" tone="bad" id="held">
      <p>
        Refit can’t tell whether this is good or bad, so it touches nothing more. Look first; then let it go on, have it
        put back, or record what you repaired by hand. The runbook’s section is <code>{held.page}</code>.
      </p>
      <div className="buttons">
        <ActButton act={goOn(row)} />
        <ActButton act={putBack(row)} />
        <ActButton act={resolve(row)} />
      </div>
      <details>
        <summary>With the command line</summary>
        <ul className="commands">
          {held.commands.map((each) => (
            <li key={each}>
              <Command>{each}</Command>
            </li>
          ))}
        </ul>
      </details>
    </Panel>
  )
}
