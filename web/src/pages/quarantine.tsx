import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { quarantine } from '../api/queries'
import { useTitle } from '../shell/shell'
import { ActButton } from '../ui/act'
import { liftQuarantine } from '../ui/hub-acts'
import { Asked } from '../ui/asked'
import { Ago, Digest, Empty, ServiceLink, upgradePath } from '../ui/parts'

/** Digests that failed and are not offered again. */
export function Quarantine() {
  useTitle('Quarantine')
  const query = useQuery(quarantine)
  return (
    <>
      <header className="headline">
        <h1>Quarantine</h1>
        <p className="muted">Images that failed here. None of them is offered again until a person lifts it.</p>
      </header>
      <Asked query={query} what="the quarantine">
        {({ quarantined }) =>
          quarantined.length === 0 ? (
            <Empty title="Nothing is in quarantine.">
              <p>An image comes here when an upgrade to it was rolled back.</p>
            </Empty>
          ) : (
            <ul className="cards wide">
              {quarantined.map((row) => (
                <li key={`${row.namespace}/${row.service} ${row.digest}`}>
                  <article className="card bad">
                    <div className="card-head">
                      <ServiceLink {...row} />
                      <ActButton act={liftQuarantine(row)} className="small" />
                    </div>
                    <p>
                      <span className="tag">{row.tag}</span> <Digest digest={row.digest} />
                    </p>
                    <p className="muted">
                      {row.reason}, <Ago at={row.since} />. <Link to={upgradePath(row.upgradeId)}>What happened</Link>
                    </p>
                  </article>
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </>
  )
}
