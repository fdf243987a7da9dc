import { useQuery } from '@tanstack/react-query'
import { dataOf } from '../api/queries'
import type { DataRun, ServicePage } from '../api/shapes'
import { ActButton, type Act } from '../ui/act'
import { Asked } from '../ui/asked'
import { Chip, Facts, Panel } from '../ui/parts'
import { stageOf } from '../words/upgrade'

/** The backfill and contract after an upgrade, and what can be said to them. */
export function DataPanel({ page: { data: run } }: { page: ServicePage }) {
  if (!run) return null
  return (
    <Panel
      title="Data"
      tone={run.outcome === 'held' ? 'bad' : run.phase === 'approval' && !run.outcome ? 'ask' : undefined}
    >
      <p>
        <Chip tone={run.outcome ? stageOf({ outcome: run.outcome, phase: 'backfill' }).tone : 'info'}>
          {run.outcome ?? run.phase}
        </Chip>{' '}
        after {run.toTag}: {!run.outcome && run.waitingFor ? `waits for ${run.waitingFor}` : run.message}
      </p>
      <Progress run={run} />
      {!run.outcome && (
        <div className="buttons">
          {run.phase === 'approval' && <ActButton act={approveContract(run)} />}
          {run.phase === 'approval' && <ActButton act={act(run, 'reject')} />}
          <ActButton act={/^a resume\b|, paused\b/.test(run.waitingFor) ? act(run, 'resume') : act(run, 'pause')} />
          <ActButton act={act(run, 'abort')} />
        </div>
      )}
    </Panel>
  )
}

function Progress({ run }: { run: DataRun }) {
  const query = useQuery(dataOf(run))
  return (
    <Asked query={query} what="its progress">
      {({ progress }) => (
        <Facts
          rows={progress.map(({ file, state, changed, scanned, estimatedTotal }) => [
            file.split('/').at(-1) ?? file,
            [
              state,
              scanned !== undefined && `${scanned} rows seen${estimatedTotal ? ` of about ${estimatedTotal}` : ''}`,
              changed !== undefined && `${changed} changed`,
            ]
              .filter(Boolean)
              .join(', '),
          ])}
        />
      )}
    </Asked>
  )
}

const at = ({ namespace, service }: DataRun, verb: string): string =>
  `/api/v1/data/${encodeURIComponent(namespace)}/${encodeURIComponent(service)}/${verb}`

const approveContract = (run: DataRun): Act => ({
  ...{ label: 'Approve the contract', title: 'Approve the contract', confirm: 'Approve it for good', tone: 'danger' },
  ...{ scope: 'approver', path: at(run, 'approve') },
  explain: (
    <p>
      <strong>This can’t be undone.</strong> Contract removes the old shape of the data; afterwards no older image can
      run on it. It waits until every user of the schema is past it, then for its window. Plan{' '}
      <code>{run.planHash}</code>.
    </p>
  ),
  fields: [{ name: 'reason', label: 'Why', kind: 'text' }],
  body: (values) => ({ ...values, planHash: run.planHash }),
})

const words = {
  reject: { label: 'Reject', explain: 'The old shape stays until the contract is started anew.', scope: 'approver' },
  pause: { label: 'Pause', explain: 'It stops at the next safe point.', scope: 'operator' },
  resume: { label: 'Resume', explain: 'It goes on where it stopped.', scope: 'operator' },
  abort: { label: 'Abort', explain: 'It stops. What was done to the data stays.', scope: 'operator' },
} as const

const act = (run: DataRun, verb: keyof typeof words): Act => {
  const { label, explain, scope } = words[verb]
  return {
    ...{ label, title: `${label} the data work of ${run.namespace}/${run.service}`, confirm: label, scope },
    path: at(run, verb),
    explain: <p>{explain}</p>,
    fields: [{ name: 'reason', label: 'Why', kind: 'text', required: verb !== 'resume' }],
    ...(verb === 'reject' ? { body: (values) => ({ ...values, planHash: run.planHash }) } : {}),
  }
}
