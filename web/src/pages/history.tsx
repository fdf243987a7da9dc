import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { outcomes } from '../../../src/domain/status'
import { upgrades } from '../api/queries'
import type { UpgradeRow } from '../api/shapes'
import { useTitle } from '../shell/shell'
import { Failure, Waiting } from '../ui/asked'
import { At, Chip, Empty, FromTo, ServiceLink, upgradePath } from '../ui/parts'
import { roughly } from '../words/time'
import { nowWords, stageOf } from '../words/upgrade'

const names = ['q', 'namespace', 'service', 'state', 'outcome', 'by', 'from', 'to'] as const

/** Every upgrade that there was, newest first. */
export function History() {
  useTitle('History')
  const [params, setParams] = useSearchParams()
  const filters = new URLSearchParams(useSettled(filtersOf(params).toString()))
  const query = useInfiniteQuery(upgrades(filters))
  const rows = query.data?.pages.flatMap((page) => page.upgrades) ?? []
  const isFiltered = filters.size > 0
  return (
    <>
      <header className="headline">
        <h1>History</h1>
        <p className="muted">Every upgrade of this hub, newest first. The record is kept in Refit’s own store.</p>
        <a className="button" href={`/api/v1/upgrades.csv?${filters.toString()}`} download>
          Save as CSV
        </a>
      </header>
      <Filters
        params={params}
        set={(name, value) =>
          setParams(
            (before) => {
              const next = new URLSearchParams(before)
              if (value) next.set(name, value)
              else next.delete(name)
              return next
            },
            { replace: true },
          )
        }
        clear={() => setParams({}, { replace: true })}
        isFiltered={isFiltered}
      />
      {query.error && <Failure error={query.error} />}
      {!query.data && !query.error && <Waiting what="the history" />}
      {query.data && rows.length === 0 && (
        <Empty title={isFiltered ? 'No upgrade is like that.' : 'There was no upgrade yet.'}>
          <p>
            {isFiltered
              ? 'Take a filter away to see more.'
              : 'One begins when a scan finds a candidate under a policy whose mode is approve or automatic.'}
          </p>
        </Empty>
      )}
      {rows.length > 0 && <Rows rows={rows} />}
      {query.hasNextPage && (
        <button type="button" onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
          {query.isFetchingNextPage ? 'Asking the server …' : 'Show older ones'}
        </button>
      )}
    </>
  )
}

/** What was typed, once no more is: not every letter is a question. */
function useSettled(text: string, afterMs = 250): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), afterMs)
    return () => window.clearTimeout(timer)
  }, [text, afterMs])
  return settled
}

/** A day is meant as it is here, both ends included. */
function filtersOf(params: URLSearchParams): URLSearchParams {
  const filters = new URLSearchParams()
  for (const name of names) {
    const value = params.get(name)?.trim()
    if (!value) continue
    if (name !== 'from' && name !== 'to') filters.set(name, value)
    else {
      const day = new Date(`${value}T00:00:00`)
      if (Number.isNaN(day.getTime())) continue
      if (name === 'to') day.setDate(day.getDate() + 1)
      filters.set(name, day.toISOString())
    }
  }
  return filters
}

function Filters({
  params,
  set,
  clear,
  isFiltered,
}: {
  params: URLSearchParams
  set: (name: (typeof names)[number], value: string) => void
  clear: () => void
  isFiltered: boolean
}) {
  const value = (name: (typeof names)[number]): string => params.get(name) ?? ''
  return (
    <form className="filters" role="search" aria-label="History" onSubmit={(event) => event.preventDefault()}>
      <label className="search">
        <span className="unseen">Find</span>
        <input
          type="search"
          placeholder="Service, tag or plan hash"
          value={value('q')}
          onChange={({ target }) => set('q', target.value)}
        />
      </label>
      <label>
        Outcome{' '}
        <select value={value('outcome')} onChange={({ target }) => set('outcome', target.value)}>
          <option value="">any</option>
          {outcomes.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <details
        className="more-filters"
        open={names.some((each) => each !== 'q' && each !== 'outcome' && params.has(each))}
      >
        <summary>More filters</summary>
        <div className="filters">
          <label>
            State{' '}
            <select value={value('state')} onChange={({ target }) => set('state', target.value)}>
              <option value="">any</option>
              <option value="open">open</option>
              <option value="held">held</option>
              <option value="ended">ended</option>
            </select>
          </label>
          <label>
            From <input type="date" value={value('from')} onChange={({ target }) => set('from', target.value)} />
          </label>
          <label>
            To <input type="date" value={value('to')} onChange={({ target }) => set('to', target.value)} />
          </label>
          <label>
            By{' '}
            <input
              type="text"
              className="short"
              placeholder="a person"
              value={value('by')}
              onChange={({ target }) => set('by', target.value)}
            />
          </label>
        </div>
      </details>
      {value('service') && (
        <span className="chip quiet">
          {value('namespace')}/{value('service')}
        </span>
      )}
      {isFiltered && (
        <button type="button" className="small" onClick={clear}>
          Clear
        </button>
      )}
    </form>
  )
}

const Rows = ({ rows }: { rows: readonly UpgradeRow[] }) => (
  <table className="history" role="table">
    <thead role="rowgroup">
      <tr role="row">
        {['Upgrade', 'Service', 'Stage', 'Began', 'Took', 'What'].map((each) => (
          <th key={each} scope="col" role="columnheader">
            {each}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      {rows.map((row) => (
        <tr key={row.id} role="row">
          <th scope="row" role="rowheader">
            <Link to={upgradePath(row.id)}>
              <FromTo from={row.fromTag} to={row.toTag} />
            </Link>
          </th>
          <td role="cell" data-label="Service">
            <ServiceLink {...row} />
          </td>
          <td role="cell" data-label="Stage">
            <Chip tone={stageOf(row).tone}>{stageOf(row).word}</Chip>
          </td>
          <td role="cell" data-label="Began">
            <At at={row.startedAt} />
          </td>
          <td role="cell" data-label="Took" className="muted">
            {took(row)}
          </td>
          <td role="cell" data-label="What" className="muted message">
            {nowWords(row)}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

const took = ({ startedAt, endedAt }: UpgradeRow): string => {
  if (!endedAt) return '–'
  const ms = Date.parse(endedAt) - Date.parse(startedAt)
  return roughly(ms) || `${Math.max(1, Math.round(ms / 1_000))} s`
}
