import { memo, startTransition, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import type { ServiceStatus } from '../api/shapes'
import { Chip, Empty, servicePath, ServiceName, upgradePath } from '../ui/parts'
import { decisionTone, decisionWords, newestTag } from '../words/decision'
import { stageOf } from '../words/upgrade'
import { countGroups, groupOf, groups, groupWords, type Group } from '../words/verdict'

/** As many rows are there at first, and as many more whenever the end of them comes near. */
const portion = 50

/** Every service: found by name, narrowed by how it stands. */
export function ServiceTable({ services }: { services: readonly ServiceStatus[] }) {
  const [params, setParams] = useSearchParams()
  const text = params.get('q') ?? ''
  const group = groups.find((each) => each === params.get('show'))
  const counts = useMemo(() => countGroups(services), [services])
  const wanted = useDeferredValue(text.trim().toLowerCase())
  const found = useMemo(
    () =>
      services.filter(
        (each) =>
          (!group || groupOf(each) === group) &&
          (wanted === '' || `${each.namespace}/${each.service}`.toLowerCase().includes(wanted)),
      ),
    [services, group, wanted],
  )
  const set = (name: 'q' | 'show', value: string): void =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before)
        if (value) next.set(name, value)
        else next.delete(name)
        return next
      },
      { replace: true },
    )
  return (
    <section aria-labelledby="services-heading">
      <h2 id="services-heading">Services</h2>
      <div className="filters">
        <label className="search">
          <span className="unseen">Find a service</span>
          <input
            type="search"
            value={text}
            placeholder="Find a service"
            onChange={({ target }) => set('q', target.value)}
          />
        </label>
        <div className="toggles" role="group" aria-label="Show only">
          <Toggle isOn={!group} count={services.length} word="all" onClick={() => set('show', '')} />
          {groups
            .filter((each) => counts[each] > 0 || each === group)
            .map((each) => (
              <Toggle
                key={each}
                isOn={group === each}
                count={counts[each]}
                word={groupWords[each]}
                onClick={() => set('show', group === each ? '' : each)}
              />
            ))}
        </div>
      </div>
      <Rows key={`${group ?? ''} ${wanted}`} services={found} />
      {found.length === 0 && (
        <Empty title="No service is like that.">
          <button type="button" onClick={() => setParams({}, { replace: true })}>
            Show all {services.length}
          </button>
        </Empty>
      )}
    </section>
  )
}

const Toggle = ({
  isOn,
  count,
  word,
  onClick,
}: {
  isOn: boolean
  count: number
  word: string
  onClick: () => void
}) => (
  <button type="button" aria-pressed={isOn} onClick={onClick} className="toggle">
    <span className="count">{count}</span> {word}
  </button>
)

/** Rows come in portions, so that thousands of services cost no more than those that are looked at. */
function Rows({ services }: { services: readonly ServiceStatus[] }) {
  const [count, setCount] = useState(portion)
  const end = useRef<HTMLParagraphElement>(null)
  const isMore = count < services.length
  useEffect(() => {
    if (!end.current || !isMore) return
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting))
          startTransition(() => setCount((before) => before + portion))
      },
      { rootMargin: '1500px' },
    )
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [isMore, count])
  if (services.length === 0) return null
  return (
    <>
      <table className="services" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">
              Service
            </th>
            <th scope="col" role="columnheader">
              Runs
            </th>
            <th scope="col" role="columnheader">
              Newest
            </th>
            <th scope="col" role="columnheader">
              Decision
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {services.slice(0, count).map((each) => (
            <Row key={`${each.namespace}/${each.service}`} service={each} />
          ))}
        </tbody>
      </table>
      {isMore && (
        <p className="muted" ref={end}>
          {count} of {services.length} are shown; more come as you scroll.
        </p>
      )}
    </>
  )
}

const Row = memo(function Row({ service }: { service: ServiceStatus }) {
  const { decision, upgrade, stale, window } = service
  const newest = newestTag(service)
  const isBehind = decision?.candidate !== undefined
  return (
    <tr role="row" data-group={groupOf(service) satisfies Group}>
      <th scope="row" role="rowheader">
        <Link to={servicePath(service)}>
          <ServiceName {...service} />
        </Link>
      </th>
      <td role="cell" data-label="Runs">
        <span className="tag">{decision?.current || '–'}</span>
      </td>
      <td role="cell" data-label="Newest">
        <span className={`tag ${isBehind ? 'strong' : 'muted'}`}>{newest}</span>
      </td>
      <td role="cell" data-label="Decision" className="decision">
        {upgrade ? (
          <Link to={upgradePath(upgrade.id)} className="plain">
            <Chip tone={stageOf(upgrade).tone}>{stageOf(upgrade).word}</Chip>
          </Link>
        ) : (
          <Chip tone={stale ? 'quiet' : decisionTone(decision?.kind ?? '')}>{decision?.kind ?? 'unknown'}</Chip>
        )}
        <span className="muted">
          {upgrade ? `to ${upgrade.toTag}` : decisionWords(decision)}
          {stale && decision && ' (from an old scan)'}
          {!upgrade && decision?.kind === 'candidate' && decision.mode === 'watch' && '; its policy only watches'}
          {decision?.kind === 'candidate' && window && window.state !== 'open' && `; ${window.why}`}
        </span>
      </td>
    </tr>
  )
})
