import { type Alert, plainText } from '../domain/alerts'
import type { AlertLevel } from '../domain/alerts'
import type { AlertRoute, Notifier } from './contracts'
import { post } from './post'

interface AlertmanagerTarget extends AlertRoute {
  /** base URL */
  url: string
  environment: string
  allowPrivate: boolean
  /** epoch milliseconds */
  now?: () => number
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/** What happened and asks for nothing: long enough that a group's wait is over before it. */
const eventMs = 15 * minuteMs
/** What asks for somebody fires until newer news of its thread ends it, and no longer than this. */
const stateMs = 7 * dayMs
const levels: readonly AlertLevel[] = ['info', 'action', 'page']
const maxAnnotation = 4_000

/**
 * Prometheus Alertmanager, API v2. An alert of level `action` or `page` that belongs to a thread fires until newer news of
 * that thread comes: a held upgrade until it is resolved, a question until it is answered. Everything else is an event that
 * ends by itself.
 */
export function alertmanagerNotifier({
  url,
  environment,
  allowPrivate,
  now = Date.now,
  ...route
}: AlertmanagerTarget): Notifier {
  const endpoint = `${url.replace(/\/+$/, '')}/api/v2/alerts`
  return {
    ...route,
    async send(alert, { at, overtaken, signal }) {
      const labels = (severity: AlertLevel) => labelsOf(alert, environment, severity)
      const isNewest = alert.thread !== undefined && !alert.aside && !overtaken
      const isState = isNewest && alert.level !== 'info'
      // From now, not from when it was news: what comes late would be over before anybody hears of it.
      const endsAt = Math.max(at.getTime(), now()) + (isState ? stateMs : eventMs)
      const told = {
        labels: labels(alert.level),
        annotations: annotationsOf(alert),
        startsAt: iso(at),
        endsAt: iso(endsAt),
        ...page(alert),
      }
      const over = levels
        .filter((level) => level !== alert.level && route.levels.includes(level))
        .map((level) => ({
          labels: labels(level),
          annotations: annotationsOf(alert),
          startsAt: iso(at),
          endsAt: iso(Math.max(at.getTime(), now())),
          ...page(alert),
        }))
      const body = [...(route.levels.includes(alert.level) ? [told] : []), ...(isNewest ? over : [])]
      if (body.length > 0)
        await post({
          name: route.name,
          url: endpoint,
          body: JSON.stringify(body),
          allowPrivate,
          ...(signal ? { signal } : {}),
        })
    },
  }
}

const iso = (at: Date | number): string => new Date(at).toISOString()

const page = ({ url }: Alert): object => (url ? { generatorURL: url } : {})

/** What makes it the same alert: all that stays as long as the thread is told of. */
function labelsOf(
  { key, hub, thread, facts }: Alert,
  environment: string,
  severity: AlertLevel,
): Record<string, string> {
  const { namespace, service } = facts
  return {
    alertname: alertName(thread !== undefined && thread === facts.upgradeId ? 'upgrade' : key),
    hub,
    environment,
    severity,
    ...(namespace ? { namespace } : {}),
    ...(service ? { service } : {}),
    ...(thread === undefined ? {} : { thread }),
  }
}

/** `RefitUpgrade`, `RefitScan`, `RefitOutbox`, …: by the first word of the key. */
function alertName(key: string): string {
  const word = /^[a-z]+/.exec(key)?.[0] ?? 'alert'
  return `Refit${word.charAt(0).toUpperCase()}${word.slice(1)}`
}

const annotationsOf = ({ title, text, facts }: Alert): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(facts)
      .filter(([name, value]) => /^[A-Za-z_]\w*$/.test(name) && value !== '')
      .map(([name, value]) => [name, value.slice(0, maxAnnotation)]),
  ),
  summary: title,
  description: plainText(text).slice(0, maxAnnotation),
})
