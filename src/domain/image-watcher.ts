/**
 * What Mojaloop's image-watcher v0.1.3 would answer, for contrast: parts compared as text, then the greatest by a
 * zero-padded key. It knows no pre-release, so snapshots and malformed tags win (facts: 1,034 of 1,635 with `major`).
 */
export function imageWatcherAnswer(current: string, tags: readonly string[], strategy: 'patch' | 'bugfix' | 'minor' | 'major'): string | undefined {
  const parts = current.split('.')
  const kept = { patch: 3, bugfix: 2, minor: 1, major: 0 }[strategy]
  const candidates = tags.filter((tag) => tag.split('.').slice(0, kept).join('.') === parts.slice(0, kept).join('.'))
  return candidates.sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1))[0]
}

function keyOf(tag: string): string {
  return tag
    .replace(/^v/, '')
    .split('.')
    .map((part) => {
      const [number = '', ...rest] = part.split('-')
      return [number.padStart(4, '0'), ...rest].join('-')
    })
    .join('.')
}
