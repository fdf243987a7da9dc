/**
 * What Mojaloop's image-watcher v0.1.3 would answer, for contrast: parts compared as text, then the greatest by a
 * zero-padded key. It knows no pre-release, so snapshots and malformed tags win (facts: 1,034 of 1,635 with `major`).
 */
export function imageWatcherAnswer(
  current: string,
  tags: readonly string[],
  strategy: 'patch' | 'bugfix' | 'minor' | 'major',
): string | undefined {
  const parts = current.split('.')
  const kept = { patch: 3, bugfix: 2, minor: 1, major: 0 }[strategy]
  const parsed = tags.filter((tag) => tag.split('.').length >= 3)
  const candidates = parsed.filter((tag) => tag.split('.').slice(0, kept).join('.') === parts.slice(0, kept).join('.'))
  return candidates.map((tag) => ({ tag, key: keyOf(tag) })).sort((a, b) => (a.key < b.key ? 1 : -1))[0]?.tag
}

/**
 * Four parts, an absent fourth one counting as 0, so that `v1.2.3` sorts above `v1.2.3-snapshot.4` but below any later
 * snapshot. A part that is no number pads to `0NaN`, above every number: the typo `v.11.12.0` beats v24.
 */
function keyOf(tag: string): string {
  const parts = tag.replace(/^v(?=\d|\.)/, '').split('.')
  return [0, 1, 2, 3]
    .map((index) => {
      const [number = '', ...rest] = (parts[index] ?? '0').split('-')
      return [String(Number.parseInt(number, 10)).padStart(4, '0'), ...rest].join('-')
    })
    .join('.')
}
