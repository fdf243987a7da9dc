import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { services } from '../api/queries'
import type { HubStatus } from '../api/shapes'
import { ActButton } from '../ui/act'
import { scanNow } from '../ui/hub-acts'
import { Asked } from '../ui/asked'
import { Ago, Empty } from '../ui/parts'
import { useTitle } from '../shell/shell'
import { verdictOf } from '../words/verdict'
import { Attention, useOthers, type Others } from './overview-attention'
import { ServiceTable } from './overview-table'

/** How the hub stands: first in one sentence, then what needs people, then every service. */
export function Overview() {
  useTitle('Overview')
  const query = useQuery(services)
  const others = useOthers()
  return (
    <Asked query={query} what="the services">
      {(hub) => (
        <>
          <Headline hub={hub} others={others} />
          {hub.services.length === 0 ? (
            <Empty title={hub.scan ? 'The last scan found no service.' : 'No scan has run yet, so nothing is known.'}>
              <p>
                {hub.scan
                  ? 'Refit watches what runs in the namespaces that the policies of refit.yaml select; Settings shows them.'
                  : 'A worker scans by its Schedule, or at once when you ask for it above. If none comes, run refit doctor.'}
              </p>
            </Empty>
          ) : (
            <>
              <Attention services={hub.services} others={others} />
              <ServiceTable services={hub.services} />
            </>
          )}
        </>
      )}
    </Asked>
  )
}

function Headline({ hub, others: { release: open, data } }: { hub: HubStatus; others: Others }) {
  const { sentence, tone } = verdictOf(hub, {
    releases: open?.phase === 'approval' ? 1 : 0,
    contracts: data.filter(({ outcome }) => outcome === null).length,
  })
  const { scan, release } = hub
  return (
    <header className={`headline ${tone}`}>
      <h1>{sentence}</h1>
      <p className="muted">
        {scan ? (
          <>
            Last scan <Ago at={scan.endedAt} />
            {scan.complete ? ', every watched image was read' : ', not every image could be read'}.
          </>
        ) : (
          hub.next.why
        )}{' '}
        {release && (
          <>
            {release.product} {release.release}
            {release.behind > 0 && `, ${release.behind} behind`}
            {release.ahead > 0 && `, ${release.ahead} ahead`}.{' '}
          </>
        )}
        {scan && !scan.complete && <Link to="/registries">Which registries fail</Link>}
      </p>
      <ActButton act={scanNow} />
    </header>
  )
}
