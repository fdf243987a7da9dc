import { type Alert, type Hub, hubName, plain } from './alert'
import type { Outcome } from './status'

/** An upgrade ended that the store doesn't know: without this nobody would hear of it. Once per upgrade and end. */
export function unrecordedAlert(news: {
  hub: Hub
  namespace: string
  service: string
  upgradeId: string
  outcome: Outcome
  message: string
}): Alert {
  const { hub, namespace, service, upgradeId, outcome, message } = news
  const title = `${namespace}/${service}: an upgrade that the store does not know ended ${outcome}`
  const why = 'The store was probably restored from an older backup. Look what runs; the next scan decides anew.'
  return {
    key: `unrecorded/${upgradeId}/${outcome}`,
    level: outcome === 'held' ? 'page' : 'action',
    hub: hub.name,
    title,
    text: `${hubName(hub)}: *${plain(title)}*\n${plain(message)}\n${why}`,
    facts: { namespace, service, upgradeId, outcome },
  }
}
