import { type Alert, type Hub, hubName, plain } from './alert'
import type { Candidate } from './decision'
import type { Outcome } from './status'

/** An upgrade that ended before it had a plan. The same reason for the same digest is news once, however often a scan tries. */
export function unplannedAlert(news: {
  hub: Hub
  namespace: string
  service: string
  candidate: Candidate
  outcome: Outcome
  message: string
}): Alert | undefined {
  const { hub, namespace, service, candidate, outcome, message } = news
  if (outcome === 'up-to-date' || outcome === 'superseded') return undefined
  const title = `${namespace}/${service} can't be upgraded to ${candidate.tag}`
  return {
    key: `unplanned/${namespace}/${service}/${candidate.digest}/${outcome}/${message}`.slice(0, 500),
    level: outcome === 'held' ? 'page' : 'action',
    hub: hub.name,
    title,
    text: `${hubName(hub)}: *${plain(title)}*\n${plain(message)}`,
    facts: { namespace, service, to: candidate.tag, outcome },
    news: { [`unplanned/${namespace}/${service}`]: `${candidate.digest}/${outcome}/${message}`.slice(0, 500) },
  }
}
