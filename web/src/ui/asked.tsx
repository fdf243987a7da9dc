/** What was asked of the server: while it is awaited, when it came, when it failed. */
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Problem } from '../api/http'

/** Why something failed, and what to do, in the server's words. */
export function Failure({ error }: { error: unknown }) {
  const { detail, next } =
    error instanceof Problem
      ? error.details
      : { detail: 'This page failed.', next: error instanceof Error ? error.message : undefined }
  return (
    <div className="failure" role="alert">
      <p className="strong">{detail}</p>
      {next && <p>{next}</p>}
    </div>
  )
}

export const Waiting = ({ what }: { what: string }) => (
  <p className="waiting" role="status">
    Asking for {what} …
  </p>
)

/** Shows what came, also while a later answer fails: the page says elsewhere that it is not from now. */
export function Asked<T>({
  query,
  what,
  children,
}: {
  query: UseQueryResult<T>
  what: string
  children: (data: T) => ReactNode
}) {
  const { data, error } = query
  if (data !== undefined)
    return (
      <>
        {error && !(error instanceof Problem && error.isAway) && <Failure error={error} />}
        {children(data)}
      </>
    )
  if (error) return <Failure error={error} />
  return <Waiting what={what} />
}
