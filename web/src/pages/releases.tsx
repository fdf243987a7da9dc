import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { releases } from '../api/queries'
import { useTitle } from '../shell/shell'
import { Failure, Waiting } from '../ui/asked'
import { At, Chip, Command, Empty } from '../ui/parts'
import { stageOf } from '../words/upgrade'

/** Versions of the whole hub that were carried out here. */
export function Releases() {
  useTitle('Releases')
  const query = useInfiniteQuery(releases)
  const rows = query.data?.pages.flatMap((page) => page.releases)
  return (
    <>
      <header className="headline">
        <h1>Releases</h1>
        <p className="muted">Versions of the whole hub: many services, in their order, under one approval.</p>
      </header>
      {query.error && <Failure error={query.error} />}
      {!rows && !query.error && <Waiting what="the releases" />}
      {rows?.length === 0 && (
        <Empty title="There was no release yet.">
          <p>A release is written down in a file. This shows what it would do, and starts nothing:</p>
          <Command>refit release plan FILE</Command>
        </Empty>
      )}
      {rows && rows.length > 0 && (
        <ul className="cards wide">
          {rows.map((row) => (
            <li key={row.id}>
              <article className={`card ${stageOf(row).tone}`}>
                <p className="card-head">
                  <Link to={`/releases/${encodeURIComponent(row.name)}`} className="strong">
                    {row.name}
                  </Link>
                  <Chip tone={stageOf(row).tone}>{stageOf(row).word}</Chip>
                </p>
                <p className="muted">{!row.outcome && row.waitingFor ? `waits for ${row.waitingFor}` : row.message}</p>
                <p className="muted">
                  Asked for by {row.requestedBy}, began <At at={row.startedAt} />
                  {row.endedAt && (
                    <>
                      , ended <At at={row.endedAt} />
                    </>
                  )}
                </p>
              </article>
            </li>
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <button type="button" onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
          {query.isFetchingNextPage ? 'Asking the server …' : 'Show older ones'}
        </button>
      )}
    </>
  )
}
