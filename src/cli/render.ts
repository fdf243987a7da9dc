import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'
import pc from 'picocolors'
import type { TagExplanation } from '../domain/decision'
import { durationWords } from '../domain/text'
import type { Context } from './context'

export type Tone = 'good' | 'warn' | 'bad' | 'dim' | 'strong'
export type Paint = (tone: Tone | undefined, text: string) => string
export type Cell = string | { text: string; tone: Tone | undefined }

export const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text)

/** Colours, or none at all. */
export function createPaint(enabled: boolean): Paint {
  const { green, yellow, red, dim, bold } = pc.createColors(enabled)
  const byTone = { good: green, warn: yellow, bad: red, dim, strong: bold }
  return (tone, text) => (tone ? byTone[tone](text) : text)
}

const maxLine = 4_000

/** One line that is safe to print: tags, messages and logs come from strangers, and a terminal obeys what it is sent. */
export const safe = (text: string): string =>
  stripVTControlCharacters(text.slice(0, maxLine))
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\p{Surrogate}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trimEnd()

/** The same for several lines. */
export const safeLines = (text: string): string => text.trimEnd().split('\n').map(safe).join('\n')

const gap = 2
const narrowest = 12
const noLines = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid']
    .concat(['mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((part) => [part, '']),
)

/**
 * A table without lines. In a terminal the widest columns give way and wrap; elsewhere nothing is wrapped, so that a row
 * stays a line.
 */
export function table(
  headers: string[],
  rows: Cell[][],
  { width, paint }: { width: number | undefined; paint: Paint },
): string {
  const texts = rows.map((row) => row.map((cell) => safe(textOf(cell))))
  const natural = headers.map((header, i) => Math.max(header.length, ...texts.map((row) => row[i]?.length ?? 0)) + gap)
  const grid = new Table({
    chars: noLines,
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
    wordWrap: width !== undefined,
    colWidths: width === undefined ? natural : shrink(natural, width),
  })
  grid.push(headers.map((header) => paint('dim', header)))
  texts.forEach((row, r) => {
    grid.push(
      row.map((text, i) => {
        const cell = rows[r]?.[i]
        return typeof cell === 'object' ? paint(cell.tone, text) : text
      }),
    )
  })
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** A list's tags with the reason for or against each; how many were left out, and the option that shows them. */
export function tagTable(
  context: Pick<Context, 'table' | 'paint'>,
  tags: readonly TagExplanation[],
  { most, option }: { most: number; option: string },
): string[] {
  if (tags.length === 0) return []
  const shown = tags.slice(0, most)
  const rows = shown.map(({ tag, verdict, reason }): Cell[] => [
    tag,
    { text: verdict, tone: verdict === 'chosen' ? 'strong' : undefined },
    reason,
  ])
  const left = tags.length - shown.length
  return [
    '',
    context.table(['TAG', 'VERDICT', 'WHY'], rows),
    ...(left > 0 ? [context.paint('dim', `… and ${left} more: ${option}`)] : []),
  ]
}

/** Takes columns away from the widest until all fit. */
function shrink(natural: number[], width: number): number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, each) => sum + each, 0) - width
  while (excess > 0) {
    const widest = Math.max(...widths)
    if (widest <= narrowest) break
    widths[widths.indexOf(widest)] = widest - 1
    excess -= 1
  }
  return widths
}

/** `3 min ago`; `just now` under a second. */
export function ago(at: Date, now: Date): string {
  const ms = now.getTime() - at.getTime()
  return ms < 1_000 ? 'just now' : `${durationWords(ms)} ago`
}
