import { type Alert, type Hub, hubName, plain } from './alert'
import type { Decision } from './decision'
import { type EndingLine, endingLines, type Supported } from './supported'

interface SupportNews {
  hub: Hub
  supported: readonly Supported[]
  /** of what is watched */
  decisions: readonly Decision[]
  scanId: string
  /** epoch ms */
  now: number
}

const maxListed = 40

/**
 * What is, or soon will be, without support: lines that end within 90 or 30 days or have ended, each a topic of its own,
 * and services outside their lines. At most one message.
 */
export function supportAlerts({ hub, supported, decisions, scanId, now }: SupportNews): Alert[] {
  const ending = endingLines(supported, now)
  const outside = decisions.filter(({ kind }) => kind === 'unsupported')
  if (ending.length === 0 && outside.length === 0) return []
  const title = [
    countOf(outside.length, 'service', 'outside its supported lines', 'outside their supported lines'),
    endingWords(ending),
  ]
    .filter(Boolean)
    .join('; ')
  const lines = [...ending.map(endingLine), ...outside.map(outsideLine)]
  const listed = lines.slice(0, maxListed)
  if (lines.length > maxListed) listed.push(`… and ${lines.length - maxListed} more: \`refit status\``)
  return [
    {
      key: 'scan/support',
      level: 'action',
      hub: hub.name,
      title,
      text: [`${hubName(hub)}: ${title}`, ...listed].join('\n'),
      facts: { scan: scanId, services: outside.slice(0, maxListed).map(idOf).join(', ') },
      news: Object.fromEntries<string>([
        ...ending.map(({ subject, until, threshold }): [string, string] => [
          `line/${subject}`,
          `${until} ${threshold}`,
        ]),
        ...outside.map((decision): [string, string] => [
          `support/${idOf(decision)}`,
          `unsupported ${decision.current}`,
        ]),
      ]),
    },
  ]
}

/** Topics of services that are on their lines: news when they fall off again. */
export function supportedTopics(decisions: readonly Decision[]): Record<string, string> {
  const onLine = decisions.filter(({ kind, lines }) => kind !== 'unsupported' && lines !== undefined)
  return Object.fromEntries(onLine.map((decision) => [`support/${idOf(decision)}`, 'supported']))
}

const idOf = ({ namespace, service }: Decision): string => `${namespace}/${service}`

const countOf = (count: number, noun: string, one: string, many: string): string =>
  count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'} ${count === 1 ? one : many}`

function endingWords(ending: readonly EndingLine[]): string {
  const over = ending.filter(({ threshold }) => threshold === 0).length
  return [
    over > 0 ? `${over} supported ${over === 1 ? 'line has' : 'lines have'} ended` : '',
    countOf(ending.length - over, 'supported line', 'ends soon', 'end soon'),
  ]
    .filter(Boolean)
    .join('; ')
}

function endingLine({ subject, until, daysLeft }: EndingLine): string {
  const when =
    daysLeft < 0
      ? `ended after ${until}`
      : daysLeft === 0
        ? `ends today`
        : `ends in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}, after ${until}`
  return `• ${plain(subject)} ${when}`
}

const outsideLine = (decision: Decision): string =>
  `• *${plain(idOf(decision))}* unsupported: ${plain(decision.reason)}`
