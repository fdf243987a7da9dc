/** Small parts that every view is made of. */
import { useEffect, useState, type ReactNode } from 'react'
import { Link } from 'react-router'
import { ago, when } from '../words/time'
import type { Tone } from './tone'

/** A word with its tone. */
export const Chip = ({ tone, children }: { tone: Tone; children: ReactNode }) => (
  <span className={`chip ${tone}`}>{children}</span>
)

/** A framed part of a page with its heading. */
export function Panel({
  title,
  extra,
  children,
  tone,
  id,
}: {
  title: string
  extra?: ReactNode
  children: ReactNode
  tone?: Tone
  id?: string
}) {
  const heading = `${id ?? title.toLowerCase().replace(/\W+/g, '-')}-heading`
  return (
    <section className={`panel ${tone ?? ''}`} aria-labelledby={heading} id={id}>
      <header>
        <h2 id={heading}>{title}</h2>
        {extra}
      </header>
      {children}
    </section>
  )
}

/** Nothing is here, and what to do about it. */
export const Empty = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className="empty">
    <p className="strong">{title}</p>
    {children && <div className="muted">{children}</div>}
  </div>
)

/** A command to copy. */
export function Command({ children }: { children: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = window.setTimeout(() => setCopied(false), 2_000)
    return () => window.clearTimeout(timer)
  }, [copied])
  const copy = (): void => void navigator.clipboard?.writeText(children).then(() => setCopied(true))
  return (
    <span className="command">
      <code>{children}</code>
      <button type="button" className="small" onClick={copy} aria-label={`Copy ${children}`}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </span>
  )
}

/** The time now, often enough for words such as “3 min ago”. */
export function useNow(everyMs = 20_000): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), everyMs)
    return () => window.clearInterval(timer)
  }, [everyMs])
  return now
}

/** `3 min ago`, with the instant for who asks. */
export function Ago({ at }: { at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={`${when(at)} here; ${at}`}>
      {ago(at, now)}
    </time>
  )
}

/** An instant in the zone of this browser. */
export const At = ({ at }: { at: string }) => (
  <time dateTime={at} title={at}>
    {when(at)}
  </time>
)

/** Pairs of label and value. */
export const Facts = ({
  rows,
}: {
  rows: readonly (readonly [string, ReactNode] | false | null | undefined | '')[]
}) => (
  <dl className="facts">
    {rows.map(
      (row) =>
        row && (
          <div key={row[0]}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
    )}
  </dl>
)

const part = encodeURIComponent
export const servicePath = ({ namespace, service }: { namespace: string; service: string }): string =>
  `/services/${part(namespace)}/${part(service)}`
export const upgradePath = (id: string): string => `/upgrades/${part(id)}`

/** `namespace/name`, the namespace quieter. */
export const ServiceName = ({ namespace, service }: { namespace: string; service: string }) => (
  <span className="service-name">
    <span className="muted">{namespace}/</span>
    {service}
  </span>
)

export const ServiceLink = (key: { namespace: string; service: string }) => (
  <Link to={servicePath(key)}>
    <ServiceName {...key} />
  </Link>
)

/** `v1.0.0 → v1.0.1` */
export const FromTo = ({ from, to }: { from: string; to: string }) => (
  <span className="from-to">
    <span className="tag">{from || '?'}</span>
    <span aria-label="to"> → </span>
    <span className="tag">{to}</span>
  </span>
)

/** The first digits of a digest, all of them for who asks. */
export const Digest = ({ digest }: { digest: string }) => (
  <code title={digest}>{digest.replace(/^sha256:/, '').slice(0, 12)}</code>
)
