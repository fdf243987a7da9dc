import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { service } from '../api/queries'
import type { ServicePage } from '../api/shapes'
import { useTitle } from '../shell/shell'
import { ActButton } from '../ui/act'
import { acceptList, liftQuarantine } from '../ui/hub-acts'
import { Asked } from '../ui/asked'
import { Ago, Chip, Digest, Facts, FromTo, Panel, ServiceName, upgradePath } from '../ui/parts'
import { decisionTone, newestTag } from '../words/decision'
import { stageOf } from '../words/upgrade'
import { DataPanel } from './service-data'
import { TagsPanel } from './service-tags'

/** One service: what runs, what was decided and why, for every tag. */
export function Service() {
  const { namespace = '', service: name = '' } = useParams()
  const query = useQuery(service(namespace, name))
  useTitle(`${namespace}/${name}`)
  return (
    <Asked query={query} what="this service">
      {(page) => (
        <>
          <Head page={page} />
          <div className="columns side-first">
            <div className="column">
              <TagsPanel namespace={namespace} name={name} />
            </div>
            <div className="column narrow">
              <Rules page={page} />
              <Upgrades page={page} />
              <DataPanel page={page} />
              <Quarantined page={page} />
            </div>
          </div>
        </>
      )}
    </Asked>
  )
}

function Head({ page: { service: row } }: { page: ServicePage }) {
  const { decision, stale } = row
  return (
    <header className={`headline ${decisionTone(decision?.kind ?? '')}`}>
      <p className="eyebrow">Service</p>
      <h1>
        <ServiceName {...row} /> <Chip tone={decisionTone(decision?.kind ?? '')}>{decision?.kind ?? 'unknown'}</Chip>
      </h1>
      <p className="now">{row.needsPerson ?? decision?.reason ?? 'No scan has seen it yet.'}</p>
      <p className="muted">
        {decision && (
          <>
            Runs <span className="tag">{decision.current || 'no version'}</span>
            {decision.candidate && (
              <>
                , newest <span className="tag">{newestTag(row)}</span>
              </>
            )}
            . Decided <Ago at={decision.at} />
            {stale && ', too long ago to be believed'}.
          </>
        )}
      </p>
      {row.upgrade && (
        <Link to={upgradePath(row.upgrade.id)} className={`button ${row.needsPerson ? 'main' : ''}`}>
          {row.needsPerson ? 'Review' : 'Watch'}
        </Link>
      )}
      {row.doubtedList && <ActButton act={acceptList(row)} />}
    </header>
  )
}

function Rules({ page: { service: row } }: { page: ServicePage }) {
  const { decision, window } = row
  return (
    <Panel title="Rules">
      <Facts
        rows={[
          ['policy', decision?.policy ?? 'none selects it'],
          decision?.mode && ['mode', decision.mode],
          window && ['window', `${window.state}: ${window.why}`],
          window?.nextOpenLocal && ['opens', window.nextOpenLocal],
          decision && [
            'image',
            <span className="break" key="image">
              {decision.repository}
            </span>,
          ],
          decision?.currentDigest && ['runs digest', <Digest digest={decision.currentDigest} key="digest" />],
          decision?.candidate?.security && ['security', decision.candidate.security],
          decision?.candidate?.signedBy && ['signed by', decision.candidate.signedBy],
          decision?.candidate?.changes?.change && ['its publisher calls it', decision.candidate.changes.change],
          decision?.candidate?.changes?.todo && ['to do', decision.candidate.changes.todo],
          decision?.candidate?.changes?.notes && ['release notes', decision.candidate.changes.notes],
        ]}
      />
      <Changes changes={decision?.candidate?.changes} />
    </Panel>
  )
}

/** By the image itself: for people to look at. */
function Changes({
  changes,
}: {
  changes: { compare?: string; releaseNotes?: string; changelog?: string } | undefined
}) {
  const links = [
    ['Release notes', changes?.releaseNotes],
    ['Code that changed', changes?.compare],
    ['Changelog', changes?.changelog],
  ] as const
  const known = links.filter(([, url]) => url?.startsWith('https://'))
  if (known.length === 0) return null
  return (
    <p className="links">
      {known.map(([word, url]) => (
        <a key={word} href={url} target="_blank" rel="noreferrer">
          {word}
          <span className="unseen"> (opens a new tab)</span>
        </a>
      ))}
    </p>
  )
}

function Upgrades({ page: { latest, service: row } }: { page: ServicePage }) {
  const query = new URLSearchParams({ namespace: row.namespace, service: row.service })
  return (
    <Panel title="Upgrades" extra={<Link to={`/upgrades?${query.toString()}`}>All of them</Link>}>
      {latest ? (
        <p>
          <Link to={upgradePath(latest.id)}>
            <FromTo from={latest.fromTag} to={latest.toTag} />
          </Link>{' '}
          <Chip tone={stageOf(latest).tone}>{stageOf(latest).word}</Chip>
          <br />
          <span className="muted">
            {latest.message} <Ago at={latest.endedAt ?? latest.startedAt} />
          </span>
        </p>
      ) : (
        <p className="muted">Refit has not upgraded it yet.</p>
      )}
    </Panel>
  )
}

function Quarantined({ page: { quarantined, service: row } }: { page: ServicePage }) {
  if (quarantined.length === 0) return null
  return (
    <Panel title="In quarantine" tone="warn">
      <ul className="bare">
        {quarantined.map((each) => (
          <li key={each.digest}>
            <span className="tag">{each.tag}</span> <Digest digest={each.digest} />
            <br />
            <span className="muted">
              {each.reason}, <Ago at={each.since} />
            </span>{' '}
            <ActButton
              className="small"
              act={liftQuarantine({ ...each, namespace: row.namespace, service: row.service })}
            />
          </li>
        ))}
      </ul>
    </Panel>
  )
}
