import type { Strategy } from './policy'
import { isPlaced, orderOf, type Placed } from './tag-order'

/** The tags that a strategy places above `from` and below `to`, the oldest first; those of other kinds are left out. */
export function tagsBetween(tags: readonly string[], from: string, to: string, strategy: Strategy): string[] {
  const order = orderOf(strategy)
  const [low, high] = [order.read(from), order.read(to)]
  if (!isPlaced(low) || !isPlaced(high)) return []
  return [...new Set(tags)]
    .map((tag) => order.read(tag))
    .filter((each): each is Placed => isPlaced(each) && isPlain(each, low, high))
    .filter((each) => order.compare(each, low) > 0 && order.compare(each, high) < 0)
    .sort((a, b) => order.compare(a, b))
    .map(({ tag }) => tag)
}

/** A pre-release or a flavour is nobody's stepping stone unless one of the two ends is of that kind. */
function isPlain(each: Placed, ...ends: Placed[]): boolean {
  const kindOf = ({ version }: Placed): string =>
    `${version?.prefix ?? ''} ${version?.channel ?? ''} ${version?.suffix ?? ''}`
  return ends.some((end) => kindOf(end) === kindOf(each))
}
