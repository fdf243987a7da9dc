import { type Alert, codeBlock, type Hub, hubName, plain } from './alert'
import { instant } from './text'

/** How long an alert may wait for its target before people hear of it through the others. */
export const stuckAfterMs = 15 * 60_000

/** What the outbox remembers of a target, so that each incident is told once. */
export const outboxTopic = (target: string): string => `outbox/${target}`

interface Waiting {
  hub: Hub
  target: string
  /** alerts that wait for it */
  waiting: number
  oldest: Date
  lastError: string
}

/** The page, through the other targets, that one of them gets no alerts. */
export function stuckAlert({ hub, target, waiting, oldest, lastError }: Waiting): Alert {
  const title = `alerts don't reach ${target}`
  return {
    key: outboxTopic(target),
    level: 'page',
    hub: hub.name,
    title,
    text: [
      codeBlock(['refit alerts list --waiting', `refit alerts test ${target}`]),
      `${hubName(hub)}: ${plain(title)}: ${waiting} ${waiting === 1 ? 'waits' : 'wait'}, the oldest since ${instant(oldest)}.`,
      ...(lastError ? [plain(lastError)] : []),
    ].join('\n'),
    facts: { target, waiting: String(waiting), since: instant(oldest), reason: lastError },
    thread: outboxTopic(target),
    news: { [outboxTopic(target)]: 'stuck' },
  }
}

/** They are through again. */
export function flowsAlert({ hub, target }: Pick<Waiting, 'hub' | 'target'>): Alert {
  const title = `alerts reach ${target} again`
  return {
    key: outboxTopic(target),
    level: 'info',
    hub: hub.name,
    title,
    text: `${hubName(hub)}: ${plain(title)}`,
    facts: { target },
    thread: outboxTopic(target),
    news: { [outboxTopic(target)]: 'flows' },
  }
}

/** What `refit alerts test` sends. */
export function testAlert({ hub, key, by }: { hub: Hub; key: string; by: string }): Alert {
  const title = `a test of alerts, by ${by}`
  return {
    key,
    level: 'info',
    hub: hub.name,
    title,
    text: `${hubName(hub)}: ${plain(title)}. Nothing has happened, and nothing is to be done.`,
    facts: { by },
  }
}
