import type { Alert } from '../domain/alerts'

/** Slack's limits, in characters: https://docs.slack.dev/reference/block-kit/blocks/section-block, …/methods/chat.postMessage */
export const maxText = 40_000
const maxSection = 3_000
const maxSections = 12

const marks: Record<Alert['level'], string> = { info: '', action: '', page: ':rotating_light: *PAGE*\n' }

/** An alert in Slack's mrkdwn: its level, its text and where to look. */
export const slackText = ({ level, text, url }: Pick<Alert, 'level' | 'text' | 'url'>): string =>
  `${marks[level]}${text}${url ? `\n<${linked(url)}|Open in Temporal>` : ''}`

const linked = (url: string): string => url.replace(/&/g, '&amp;').replace(/[<>|\s]/g, encodeURIComponent)

const fence = '```'

/** At most `max` characters, cut between lines where that can be; an open code block is closed. */
export function bounded(text: string, max = maxText): string {
  if (text.length <= max) return text
  const [first = ''] = chunks(text, max - 2)
  return `${first}\n…`
}

/** A text as sections that Slack takes; a code block that is cut goes on in the next one. */
export function sections(text: string): object[] {
  const all = chunks(text, maxSection)
  const shown = all.length > maxSections ? [...all.slice(0, maxSections - 1), '… (too long for one message)'] : all
  return shown.map((each) => ({ type: 'section', text: { type: 'mrkdwn', text: each } }))
}

function chunks(text: string, max: number): string[] {
  const room = max - 2 * (fence.length + 1)
  const found: string[] = []
  let lines: string[] = []
  let size = 0
  let isCode = false
  const flush = (): void => {
    if (lines.length > (isCode && found.length > 0 ? 1 : 0))
      found.push([...lines, ...(isCode ? [fence] : [])].join('\n'))
    lines = isCode ? [fence] : []
    size = lines.length * (fence.length + 1)
  }
  for (const line of text.split('\n').flatMap((each) => pieces(each, room))) {
    if (size + line.length + 1 > room && lines.length > 0) flush()
    lines.push(line)
    size += line.length + 1
    if (line === fence) isCode = !isCode
  }
  flush()
  return found
}

/** A line that is longer than all the room, in parts; no part ends within one of Slack's entities or a surrogate pair. */
function pieces(line: string, room: number): string[] {
  const parts: string[] = []
  let rest = line
  while (rest.length > room) {
    const cut = rest.slice(0, room).replace(/&[a-z]{0,3}$|[\ud800-\udbff]$/, '')
    parts.push(cut)
    rest = rest.slice(cut.length)
  }
  return [...parts, rest]
}
