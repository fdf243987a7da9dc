import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { release } from '../api/queries'
import type { ReleaseMember, ReleasePage } from '../api/shapes'
import { useTitle } from '../shell/shell'
import { ActButton, type Act } from '../ui/act'
import { Asked } from '../ui/asked'
import { At, Chip, Facts, FromTo, Panel, ServiceName, servicePath, upgradePath } from '../ui/parts'
import type { Tone } from '../ui/tone'
import { outcomeWords, stageOf } from '../words/upgrade'

/** One release: its services in the order in which they go, and how far each is. */
export function Release() {
  const { name = '' } = useParams()
  useTitle(`Release ${name}`)
  const query = useQuery(release(name))
  return (
    <Asked query={query} what="this release">
      {(page) => (
        <>
          <Head page={page} />
          <Waves waves={page.waves} />
          <Record page={page} />
        </>
      )}
    </Asked>
  )
}

function Head({ page: { release: row, waves } }: { page: ReleasePage }) {
  const services = waves.flat()
  const { word, tone } = stageOf(row)
  const done = services.filter(({ ready, outcome }) => ready || outcome === 'succeeded').length
  return (
    <header className={`headline ${tone}`}>
      <p className="eyebrow">Release</p>
      <h1>
        {row.name} <Chip tone={tone}>{word}</Chip>
      </h1>
      <p className="now" role="status">
        {!row.outcome && row.waitingFor ? `waits for ${row.waitingFor}` : row.message}
      </p>
      {services.length > 0 && (
        <p className="progress">
          <progress max={services.length} value={done} aria-label="Services that are done" />
          <span>
            {done} of {services.length} services are done
          </span>
        </p>
      )}
      {row.outcome && <p className="muted">{outcomeWords[row.outcome]}</p>}
      {!row.outcome && (
        <div className="buttons">
          {row.phase === 'approval' && row.hash && <ActButton act={approve(row.name, row.hash)} />}
          {row.phase === 'approval' && <ActButton act={reject(row.name)} />}
          {row.phase !== 'rollback' && <ActButton act={abort(row.name)} />}
        </div>
      )}
    </header>
  )
}

const approve = (name: string, planHash: string): Act => ({
  ...{
    label: 'Approve',
    title: `Approve release ${name}`,
    confirm: `Approve ${name}`,
    tone: 'main',
    scope: 'approver',
  },
  path: `/api/v1/releases/${encodeURIComponent(name)}/approve`,
  explain: (
    <p>
      Your yes is for all plans of this release together, under hash <code>{planHash}</code>. One failure stops the line
      and puts back what the release upgraded.
    </p>
  ),
  fields: [{ name: 'reason', label: 'Why', kind: 'text' }],
  body: (values) => ({ ...values, planHash }),
})

const reject = (name: string): Act => ({
  ...{ label: 'Reject', title: `Reject release ${name}`, confirm: `Reject ${name}`, tone: 'danger', scope: 'approver' },
  path: `/api/v1/releases/${encodeURIComponent(name)}/reject`,
  explain: <p>The release ends, and none of its services is upgraded by it.</p>,
  fields: [{ name: 'reason', label: 'Why', kind: 'text', required: true }],
})

const abort = (name: string): Act => ({
  ...{
    label: 'Abort',
    title: `Abort release ${name}`,
    confirm: 'Abort and put back',
    tone: 'danger',
    scope: 'operator',
  },
  path: `/api/v1/releases/${encodeURIComponent(name)}/abort`,
  explain: <p>It stops, and whatever the release upgraded is put back, in reverse order.</p>,
  fields: [{ name: 'reason', label: 'Why', kind: 'text', required: true }],
})

/** Wave after wave; those of one wave go side by side. */
function Waves({ waves }: { waves: readonly (readonly ReleaseMember[])[] }) {
  if (waves.length === 0)
    return (
      <Panel title="Order">
        <p className="muted">Its plans are not made yet; then every service stands here in its order.</p>
      </Panel>
    )
  return (
    <Panel title="Order">
      <ol className="waves">
        {waves.map((members, index) => (
          <li key={index}>
            <h3>Wave {index + 1}</h3>
            <ul className="bare">
              {members.map((member) => (
                <li key={`${member.namespace}/${member.service}`}>
                  <Member member={member} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function Member({ member }: { member: ReleaseMember }) {
  const { word, tone } = standing(member)
  return (
    <article className={`member ${tone}`}>
      <p className="card-head">
        <Link to={member.upgradeId ? upgradePath(member.upgradeId) : servicePath(member)} className="strong">
          <ServiceName {...member} />
        </Link>
        <Chip tone={tone}>{word}</Chip>
      </p>
      <p>
        <FromTo from={member.from} to={member.to} />
      </p>
      {(member.because || member.message) && <p className="muted">{member.because || member.message}</p>}
    </article>
  )
}

function standing({ ready, verdict, phase, outcome }: ReleaseMember): { word: string; tone: Tone } {
  if (outcome) return stageOf({ outcome, phase: 'plan' })
  if (verdict === 'undo') return { word: 'is put back', tone: 'bad' }
  if (ready) return { word: 'healthy', tone: 'good' }
  return phase ? stageOf({ outcome: null, phase }) : { word: 'ahead', tone: 'quiet' }
}

const Record = ({ page: { release: row, events, temporal } }: { page: ReleasePage }) => (
  <Panel title="Record">
    <Facts
      rows={[
        ['asked for by', `${row.requestedBy}${row.requestedVerified ? ' (verified)' : ' (not verified)'}`],
        row.approvedBy && ['approved by', row.approvedBy],
        row.hash && ['hash', <code key="hash">{row.hash}</code>],
      ]}
    />
    {temporal.url && (
      <p>
        <a href={temporal.url} target="_blank" rel="noreferrer">
          Temporal Web UI<span className="unseen"> (opens a new tab)</span>
        </a>
      </p>
    )}
    <ul className="events">
      {events.map((event, index) => (
        <li key={index}>
          <span className="muted">
            <At at={event.at} />
          </span>{' '}
          <span className="kind">{event.kind}</span>{' '}
          {event.by && (
            <strong>
              {event.by}
              {!event.verified && ' (not verified)'}
            </strong>
          )}{' '}
          {event.message}
        </li>
      ))}
    </ul>
  </Panel>
)
