import type { Asked } from './slack-actions'

export type AlertLevel = 'info' | 'action' | 'page'

/** News for people, on its way through the outbox to each target that wants its level. */
export interface Alert {
  /** unique per news; the same news is never stored twice */
  key: string
  level: AlertLevel
  hub: string
  title: string
  /** in Slack's mrkdwn */
  text: string
  facts: Record<string, string>
  /**
   * What it goes on telling of, such as an upgrade's id. Where a target can, it shows one message per thread with the newest
   * news; what was said before is settled by it.
   */
  thread?: string
  /** A remark in the thread: what it stands at stays as it was. */
  aside?: boolean
  /** where to look: the page in Temporal's Web UI */
  url?: string
  /** what people are asked to approve, reject or snooze, while they are */
  actions?: Asked
  /** the same news in ml-operator's words, for targets with `format: ml-operator` */
  mlOperatorText?: string
  /**
   * What must have changed for this to be news, as topic → state. The outbox remembers the last state of each topic and
   * drops an alert none of whose states is new, so that an old state that comes back later is news again.
   */
  news?: Record<string, string>
  /** Topics that this alert only brings up to date. */
  settles?: Record<string, string>
}

/** A target of alerts, as routing sees it. */
export interface AlertRoute {
  /** stable, without secrets: `slack#1` */
  readonly name: string
  readonly levels: readonly AlertLevel[]
  /** it keeps its message of a thread up to date, and so hears of whatever becomes of it */
  readonly follows?: boolean
}

/** The names of the targets that an alert goes to. */
export const targetsOf = (
  routes: readonly AlertRoute[],
  { level, thread }: Pick<Alert, 'level' | 'thread'>,
): string[] =>
  routes
    .filter(({ levels, follows }) => levels.includes(level) || (follows === true && thread !== undefined))
    .map(({ name }) => name)

/** The routes of the targets in refit.yaml, named by kind and position: `slack#1`, `webhook#1`, `slack#2`. */
export function routesOf(
  targets: readonly { readonly kind: string; readonly on: readonly AlertLevel[] }[],
): AlertRoute[] {
  const counts = new Map<string, number>()
  return targets.map(({ kind, on }) => {
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    return { name: `${kind}#${count}`, levels: on, follows: kind === 'slackBot' || kind === 'alertmanager' }
  })
}

export interface Hub {
  readonly name: string
  readonly environment: string
}

/** How every text begins, so that nobody takes one hub for another. */
export const hubName = ({ name, environment }: Hub): string => `*${plain(name)}* (${plain(environment)})`

const maxPlain = 500

/** Foreign text in Slack's mrkdwn: one line, bounded, unable to mention a channel, to link or to open a code span. */
export function plain(text: string): string {
  const line = text.replace(/\s+/g, ' ').replace(/`/g, "'").trim()
  return escaped(line.length > maxPlain ? `${line.slice(0, maxPlain - 1)}…` : line)
}

/** Commands in a code block. Slack shows its three entities as the characters they stand for. */
export const codeBlock = (lines: readonly string[]): string =>
  ['```', ...lines.map((line) => escaped(line.replace(/```/g, "'''"))), '```'].join('\n')

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** An alert's text without Slack's marks, for mail and for other programs. */
export const plainText = (mrkdwn: string): string =>
  mrkdwn
    .split('\n')
    .filter((line) => line !== '```')
    .join('\n')
    .replace(/:rotating_light: /g, '')
    .replace(/(^|[\s(•])\*([^*\s](?:[^*\n]*[^*\s])?)\*(?=$|[\s:;.,)])/gm, '$1$2')
    .replace(/`([^`\n]+)`/g, '$1')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
