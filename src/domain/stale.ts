/** What is older than this many scan intervals is no news any more. */
const staleIntervals = 3
const staleAtLeastMs = 120_000

/** What was read before that instant, epoch ms, is too old to be believed. */
export const staleBefore = ({ scan }: { readonly scan: { readonly everyMs: number } }, now: Date): number =>
  now.getTime() - Math.max(staleIntervals * scan.everyMs, staleAtLeastMs)
