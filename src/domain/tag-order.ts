import type { Order, Strategy } from './policy'
import { unreadable, type Unread } from './tag'
import { extractorOf } from './tag-filter'
import { compareVersions, parseVersion, type Version } from './version'

/** A tag as a strategy reads it. */
export interface Placed {
  tag: string
  /** where versions are compared */
  version?: Version
  /** everything between the numbers of a date: two shapes are two habits and never compared */
  shape: string
  /** what is compared, the first part first */
  parts: readonly string[]
}

/** How one strategy reads and compares tags. */
export interface TagOrder {
  read: (tag: string) => Placed | Unread
  /** negative when a is older; 0 when nothing can be said */
  compare: (a: Placed, b: Placed) => number
}

export const isPlaced = (read: Placed | Unread): read is Placed => 'parts' in read

/** The order of every strategy that compares whole tags as versions. */
const versionOrder: TagOrder = {
  read: (tag) => unreadable(tag) ?? versionIn(tag, tag) ?? noVersion,
  compare: (a, b) => (a.version && b.version ? compareVersions(a.version, b.version) : 0),
}

/** A moving tag has no order: only its digest changes. */
const movingOrder: TagOrder = {
  read: (tag) => {
    const unread = unreadable(tag)
    return unread && unread.verdict !== 'floating' ? unread : { tag, shape: '', parts: [] }
  },
  compare: () => 0,
}

/** The order that a strategy compares by, everywhere that Refit asks what is newer. CONFIG_INVALID for a bad filter. */
export function orderOf(strategy: Strategy): TagOrder {
  if (strategy === 'digest') return movingOrder
  if (typeof strategy === 'string' || 'range' in strategy) return versionOrder
  const extract = extractorOf(strategy)
  const { read, compare } = orders[strategy.order]
  return {
    read: (tag) => {
      const unread = unreadable(tag)
      if (unread) return unread
      const key = extract(tag)
      if (key === undefined) return { verdict: 'filtered', reason: 'the filter does not match it' }
      return read(tag, key) ?? { verdict: 'not-a-version', reason: `${noKey[strategy.order]} in ${quoted(key)}` }
    },
    compare,
  }
}

const noVersion: Unread = { verdict: 'not-a-version', reason: 'not a version such as 1.2.3' }
const noKey: Readonly<Record<Order, string>> = {
  semver: 'no version such as 1.2.3',
  numerical: 'no number',
  calver: 'no date such as 2026.04.1',
  alphabetical: 'nothing',
}
const quoted = (key: string): string => (key === '' ? 'an empty text' : key)

interface KeyOrder {
  /** undefined when the extracted key is not of this order */
  read: (tag: string, key: string) => Placed | undefined
  compare: TagOrder['compare']
}

const versionIn = (tag: string, key: string): Placed | undefined => {
  const version = parseVersion(key)
  return version && { tag, version, shape: '', parts: [] }
}

const orders: Readonly<Record<Order, KeyOrder>> = {
  semver: { read: versionIn, compare: versionOrder.compare },
  numerical: {
    read(tag, key) {
      const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(key) ?? []
      return whole === '' ? undefined : { tag, shape: '', parts: [sign, whole, fraction] }
    },
    compare: (a, b) => compareNumbers(a.parts, b.parts),
  },
  calver: {
    read(tag, key) {
      // The year's digits tell the habit: 24.04 and 2024.04 are two.
      const match = /^[vV]?(\d{2,14})(?:[._T-]{1,2}\d{1,14})*Z?$/.exec(key)
      if (!match) return undefined
      const shape = `${match[1]?.length} ${key.replace(/\d+/g, '0')}`
      return { tag, shape, parts: key.match(/\d+/g) ?? [] }
    },
    compare: (a, b) => firstDifference(a.parts, b.parts, compareDigits),
  },
  alphabetical: {
    read: (tag, key) => (key === '' ? undefined : { tag, shape: '', parts: [key] }),
    compare: (a, b) => firstDifference(a.parts, b.parts, (x, y) => (x < y ? -1 : x > y ? 1 : 0)),
  },
}

function firstDifference(
  a: readonly string[],
  b: readonly string[],
  compare: (x: string, y: string) => number,
): number {
  for (const [i, x] of a.entries()) {
    const difference = compare(x, b[i] ?? '')
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Digits of any length, exactly: a float would take two build numbers of 17 digits for one. */
function compareDigits(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  if (x.length !== y.length) return x.length - y.length
  return x < y ? -1 : x > y ? 1 : 0
}

function compareNumbers(a: readonly string[], b: readonly string[]): number {
  const [minus = '', whole = '', fraction = ''] = a
  const [otherMinus = '', otherWhole = '', otherFraction = ''] = b
  const [x, y] = [fraction.replace(/0+$/, ''), otherFraction.replace(/0+$/, '')]
  const isZero = (digits: string, rest: string): boolean => rest === '' && /^0*$/.test(digits)
  const negative = minus !== '' && !isZero(whole, x)
  const otherNegative = otherMinus !== '' && !isZero(otherWhole, y)
  if (negative !== otherNegative) return negative ? -1 : 1
  const size = compareDigits(whole, otherWhole) || (x < y ? -1 : x > y ? 1 : 0)
  return negative ? -size : size
}
