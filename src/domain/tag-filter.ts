import { RE2JS, RE2JSException } from 're2js'
import { RefitError } from './errors'
import type { FilterStrategy } from './policy'

/** Reads the part of a tag that is compared; undefined when the filter doesn't match. Linear in the tag's length. */
export type Extract = (tag: string) => string | undefined

/** `$ts`, `$1`, `${ts}`; `$$` is a dollar sign. As in Go, a name goes on for as long as it can. */
const reference = /\$(?:(\$)|\{([A-Za-z0-9_]*)\}|([A-Za-z0-9_]+))?/g

type Piece = { text: string } | { group: string }

/** What is wrong with a filter or its extract, in words; undefined when nothing is. */
export function filterProblem(strategy: Pick<FilterStrategy, 'filter' | 'extract'>): FilterProblem | undefined {
  const compiled = compile(strategy.filter)
  if (typeof compiled === 'string') return { key: 'filter', problem: compiled }
  if ((strategy.extract ?? '').length > longest)
    return { key: 'extract', problem: `must have at most ${longest} characters` }
  const pieces = piecesOf(strategy.extract ?? '$0')
  if (pieces === undefined) return { key: 'extract', problem: 'has a $ without a name; write $ts, $1 or $$' }
  const groups = pieces.flatMap((piece) => ('group' in piece ? [piece.group] : []))
  if (groups.length === 0) return { key: 'extract', problem: 'names no group of the filter, such as $ts or $1' }
  const absent = groups.find((group) => !hasGroup(compiled, group))
  return absent === undefined
    ? undefined
    : { key: 'extract', problem: `names the group ${absent}, which the filter doesn't have` }
}

export interface FilterProblem {
  key: 'filter' | 'extract'
  problem: string
}

/** CONFIG_INVALID for a filter that config/ would refuse. */
export function extractorOf(strategy: Pick<FilterStrategy, 'filter' | 'extract'>): Extract {
  const wrong = filterProblem(strategy)
  const compiled = compile(strategy.filter)
  if (wrong || typeof compiled === 'string')
    throw new RefitError(
      'CONFIG_INVALID',
      `The ${wrong?.key ?? 'filter'} ${wrong?.problem ?? 'is unreadable'}.`,
      'Correct it.',
    )
  const pieces = piecesOf(strategy.extract ?? '$0') ?? []
  return (tag) => {
    const matcher = compiled.matcher(tag)
    if (!matcher.find()) return undefined
    const textOf = (piece: Piece): string =>
      'text' in piece ? piece.text : (matcher.group(isNumber(piece.group) ? Number(piece.group) : piece.group) ?? '')
    return pieces.map(textOf).join('')
  }
}

const longest = 300

/** What is wrong with a regular expression as RE2 reads them, in words; undefined when nothing is. */
export function expressionProblem(pattern: string): string | undefined {
  const compiled = compile(pattern)
  return typeof compiled === 'string' ? compiled : undefined
}

function compile(filter: string): RE2JS | string {
  if (filter === '' || filter.length > longest) return `must have 1 to ${longest} characters`
  try {
    return RE2JS.compile(filter)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return `is no regular expression of RE2: ${error.message.replace(/^error parsing regexp: /, '')}`
  }
}

function piecesOf(template: string): Piece[] | undefined {
  const pieces: Piece[] = []
  let end = 0
  for (const match of template.matchAll(reference)) {
    const [whole, dollar, braced, bare] = match
    const group = braced ?? bare
    if (dollar === undefined && !group) return undefined
    pieces.push({ text: template.slice(end, match.index) }, group ? { group } : { text: '$' })
    end = match.index + whole.length
  }
  return [...pieces, { text: template.slice(end) }]
}

const isNumber = (group: string): boolean => /^\d{1,3}$/.test(group)

const hasGroup = (compiled: RE2JS, group: string): boolean =>
  isNumber(group) ? Number(group) <= compiled.groupCount() : Object.hasOwn(compiled.namedGroups(), group)
