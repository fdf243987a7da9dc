import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { dataRuns, newestRelease } from '../api/queries'
import type { DataRun, ReleasePage, ServiceStatus, UpgradeRow } from '../api/shapes'
import { Ago, Chip, FromTo, servicePath, ServiceName, upgradePath } from '../ui/parts'
import { nowWords, stageOf, waitsForApproval } from '../words/upgrade'

export interface Others {
  /** the one that is open */
  release: ReleasePage['release'] | undefined
  /** contracts that wait for an approval, and data work that is held */
  data: DataRun[]
}

/** What people are asked beside single upgrades. */
export function useOthers(): Others {
  const release = useQuery(newestRelease).data?.releases.find(({ outcome }) => outcome === null)
  const runs = useQuery(dataRuns).data?.runs ?? []
  return {
    release,
    data: runs.filter(({ outcome, phase }) => outcome === 'held' || (outcome === null && phase === 'approval')),
  }
}

/** What needs a person, then what goes by itself. */
export function Attention({ services, others }: { services: readonly ServiceStatus[]; others: Others }) {
  const person = services.filter(({ needsPerson }) => needsPerson !== null)
  const underway = services.filter(({ needsPerson, upgrade }) => needsPerson === null && upgrade !== null)
  const { release, data } = others
  const asksRelease = release?.phase === 'approval'
  const releaseCard = release && (
    <li key={release.id}>
      <ReleaseCard release={release} />
    </li>
  )
  return (
    <>
      {(person.length > 0 || data.length > 0 || asksRelease) && (
        <Cards title="Needs a person">
          {asksRelease && releaseCard}
          {person.map((each) => (
            <li key={keyOf(each)}>
              {each.upgrade ? <UpgradeCard upgrade={each.upgrade} /> : <DoubtCard service={each} />}
            </li>
          ))}
          {data.map((each) => (
            <li key={each.id}>
              <DataCard run={each} />
            </li>
          ))}
        </Cards>
      )}
      {(underway.length > 0 || (release && !asksRelease)) && (
        <Cards title="Under way">
          {!asksRelease && releaseCard}
          {underway.map(({ upgrade, ...each }) => (
            <li key={keyOf(each)}>{upgrade && <UpgradeCard upgrade={upgrade} />}</li>
          ))}
        </Cards>
      )}
    </>
  )
}

const Cards = ({ title, children }: { title: string; children: ReactNode }) => (
  <section aria-label={title}>
    <h2>{title}</h2>
    <ul className="cards">{children}</ul>
  </section>
)

const keyOf = ({ namespace, service }: { namespace: string; service: string }): string => `${namespace}/${service}`

function UpgradeCard({ upgrade }: { upgrade: UpgradeRow }) {
  const { word, tone } = stageOf(upgrade)
  const asks = waitsForApproval(upgrade)
  return (
    <article className={`card ${tone}`}>
      <p className="card-head">
        <Link to={upgradePath(upgrade.id)} className="strong">
          <ServiceName {...upgrade} />
        </Link>
        <Chip tone={tone}>{word}</Chip>
      </p>
      <p>
        <FromTo from={upgrade.fromTag} to={upgrade.toTag} />
      </p>
      <p className="muted clamp">{nowWords(upgrade)}</p>
      <p className="card-foot">
        <span className="muted">
          {upgrade.endedAt ? 'ended' : 'began'} <Ago at={upgrade.endedAt ?? upgrade.startedAt} />
        </span>
        {asks && (
          <Link to={upgradePath(upgrade.id)} className="button main" aria-label={`Review ${keyOf(upgrade)}`}>
            Review
          </Link>
        )}
      </p>
    </article>
  )
}

const DoubtCard = ({ service }: { service: ServiceStatus }) => (
  <article className="card bad">
    <p className="card-head">
      <Link to={servicePath(service)} className="strong">
        <ServiceName {...service} />
      </Link>
      <Chip tone="bad">{service.decision?.kind}</Chip>
    </p>
    <p className="muted clamp">{service.needsPerson}</p>
  </article>
)

function ReleaseCard({ release }: { release: ReleasePage['release'] }) {
  const { word, tone } = stageOf(release)
  return (
    <article className={`card ${tone}`}>
      <p className="card-head">
        <Link to={`/releases/${encodeURIComponent(release.name)}`} className="strong">
          release {release.name}
        </Link>
        <Chip tone={tone}>{word}</Chip>
      </p>
      <p className="muted clamp">{release.waitingFor ? `waits for ${release.waitingFor}` : release.message}</p>
    </article>
  )
}

function DataCard({ run }: { run: DataRun }) {
  const tone = run.outcome ? 'bad' : 'ask'
  return (
    <article className={`card ${tone}`}>
      <p className="card-head">
        <Link to={servicePath(run)} className="strong">
          data of <ServiceName {...run} />
        </Link>
        <Chip tone={tone}>{run.outcome ?? 'contract'}</Chip>
      </p>
      <p className="muted clamp">{!run.outcome && run.waitingFor ? `waits for ${run.waitingFor}` : run.message}</p>
    </article>
  )
}
