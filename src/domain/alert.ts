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
