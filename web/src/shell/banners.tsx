import { useQuery } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { Problem } from '../api/http'
import { useLiveness } from '../api/live'
import { services } from '../api/queries'
import type { FreezeRow } from '../api/shapes'
import { ActButton } from '../ui/act'
import { liftFreeze } from '../ui/hub-acts'
import { useSession } from '../ui/may'
import { Ago } from '../ui/parts'
import type { Tone } from '../ui/tone'
import { when } from '../words/time'

/** What holds for the whole hub and must be known before anything else is read. */
export function Banners() {
  const { insecureLocal } = useSession()
  const { data } = useQuery(services)
  return (
    <div className="banners">
      {insecureLocal && (
        <Banner tone="warn">
          <strong>No login.</strong> Refit was started with <code>--insecure-local</code>: whoever uses this machine may
          do everything, and names are not verified.
        </Banner>
      )}
      <Away />
      {data?.freezes.map((freeze) => (
        <Frozen key={freeze.id} freeze={freeze} />
      ))}
      {data?.pausedSchedules.map(({ schedule, note, at }) => (
        <Banner key={schedule} tone="warn">
          <strong>{schedule === 'refit/scan' ? 'Scans are paused' : `The Schedule ${schedule} is paused`}</strong>,
          known since <Ago at={at} />
          {note && `: ${note}`}. Settings lets it go on.
        </Banner>
      ))}
      {data?.configChanged && (
        <Banner tone="warn">
          <strong>refit.yaml has changed</strong> since the worker started. What the server shows here may differ from
          what the worker does: restart the worker.
        </Banner>
      )}
    </div>
  )
}

const Banner = ({ tone, children, act }: { tone: Tone; children: ReactNode; act?: ReactNode }) => (
  <div className={`banner ${tone}`}>
    <p>{children}</p>
    {act}
  </div>
)

const Frozen = ({ freeze }: { freeze: FreezeRow }) => (
  <Banner tone="ask" act={<ActButton act={liftFreeze(freeze.namespace)} />}>
    <strong>{freeze.namespace === null ? 'The hub is frozen' : `Namespace ${freeze.namespace} is frozen`}</strong>:{' '}
    {freeze.reason}. Set by {freeze.by}
    {!freeze.verified && ' (not verified)'}, <Ago at={freeze.at} />. No upgrade starts until it is lifted.
  </Banner>
)

/** A moment without the server, such as its restart, is not worth a word. */
const patienceMs = 1_500

function Away() {
  const liveness = useLiveness()
  const { error, dataUpdatedAt } = useQuery(services)
  const problem = error instanceof Problem && error.isAway ? error.details : undefined
  const isAway = problem !== undefined || liveness === 'away'
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    if (!isAway) return setShown(false)
    const timer = window.setTimeout(() => setShown(true), patienceMs)
    return () => window.clearTimeout(timer)
  }, [isAway])
  if (!isShown) return null
  return (
    <div className="banner bad" role="alert">
      <p>
        <strong>{problem ? problem.detail : 'Changes no longer come by themselves.'}</strong>{' '}
        {dataUpdatedAt > 0 && `What you see is as of ${when(dataUpdatedAt)}. `}
        This page tries again by itself; nothing needs to be reloaded.
      </p>
    </div>
  )
}
