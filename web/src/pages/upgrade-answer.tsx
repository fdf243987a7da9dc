import type { UpgradePage } from '../api/shapes'
import { ActButton } from '../ui/act'
import { abort, approve, pause, reject, request, resume, snooze, withdraw } from '../ui/votes'
import { useMay, useSession } from '../ui/may'
import { isPaused, waitsForApproval, wantsRequest } from '../words/upgrade'

/** What can be said to this upgrade now, by who is here; on a phone always within reach of a thumb. */
export function Answer({ page }: { page: UpgradePage }) {
  const { person } = useSession()
  const may = useMay()
  const { upgrade: row, approval } = page
  if (row.outcome || !person) return null
  const asks = waitsForApproval(row)
  const said = approval?.approvals.some(({ by }) => by === person.name) || approval?.requestedBy === person.name
  const required = approval?.required ?? 1
  const given = approval?.approvals.length ?? 0
  return (
    <section className={`answer ${asks ? 'ask' : ''}`} aria-label="Your answer">
      {asks && (
        <p>
          <strong>{wantsRequest(row) ? 'A person must request it first.' : lacking(required, given)}</strong>{' '}
          <span className="muted">{who(page, said ?? false)}</span>
        </p>
      )}
      <div className="buttons">
        {asks && wantsRequest(row) && <ActButton act={request(row, approval)} />}
        {asks && !said && <ActButton act={approve(row, approval, person.groups)} />}
        {asks && <ActButton act={reject(row)} />}
        {asks && said && <ActButton act={withdraw(row)} />}
        {asks && <ActButton act={snooze(row)} />}
        {row.phase !== 'rollback' && (isPaused(row) ? <ActButton act={resume(row)} /> : <ActButton act={pause(row)} />)}
        {row.phase !== 'rollback' && <ActButton act={abort(row)} />}
      </div>
      {!may('approver') && <p className="muted">Your login may look; answering needs the scope approver.</p>}
    </section>
  )
}

const lacking = (required: number, given: number): string =>
  required > 1 ? `${given} of ${required} people have approved it.` : 'It waits for one person’s approval.'

function who({ approval }: UpgradePage, said: boolean): string {
  if (said) return 'You have answered; you may take it back.'
  if (approval && approval.groups.length > 0) return `Members of ${approval.groups.join(', ')} may answer.`
  return approval?.verifiedOnly ? 'Whoever is logged in as approver may answer.' : ''
}
