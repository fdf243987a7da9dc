/** Whether a text comes for the first time within a while; remembers no longer than that. */
export function createSeenOnce(forMs: number): (text: string, now: number) => boolean {
  // Oldest first, as they came.
  const seen = new Map<string, number>()
  return (text, now) => {
    for (const [each, at] of seen) {
      if (now - at <= forMs) break
      seen.delete(each)
    }
    if (seen.has(text)) return false
    seen.set(text, now)
    return true
  }
}
