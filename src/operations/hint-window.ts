/** Passes hints on, each repository at most once per window. */
export interface HintWindow {
  /** Resolves when what was passed on at once has been taken; rejects with its error, and lets a second try through. */
  offer(repositories: string[]): Promise<void>
  /** Passes on what still waits. */
  close(): Promise<void>
}

interface Options {
  windowMs: number
  /** told of failures that no caller waits for */
  report: (error: unknown) => void
}

/**
 * The first hint of a repository goes through at once. What is hinted again within the window goes through when it ends:
 * dropping it would lose a push that came after the scan had read the list.
 */
export function createHintWindow(hint: (repositories: string[]) => Promise<void>, options: Options): HintWindow {
  /** repositories whose window is open, and whether they were hinted again in it */
  const open = new Map<string, boolean>()
  const timers = new Set<NodeJS.Timeout>()

  function startWindow(repositories: string[]): void {
    for (const each of repositories) open.set(each, false)
    const timer = setTimeout(() => {
      timers.delete(timer)
      const again = takeAgain(repositories)
      for (const each of repositories) open.delete(each)
      offer(again).catch(options.report)
    }, options.windowMs)
    timers.add(timer)
  }

  const takeAgain = (repositories: Iterable<string>): string[] => [...repositories].filter((each) => open.get(each))

  async function offer(repositories: string[]): Promise<void> {
    const fresh = [...new Set(repositories)].filter((each) => !open.has(each))
    for (const each of repositories) if (open.has(each)) open.set(each, true)
    if (fresh.length === 0) return
    startWindow(fresh)
    try {
      await hint(fresh)
    } catch (error) {
      for (const each of fresh) if (!open.get(each)) open.delete(each)
      throw error
    }
  }

  return {
    offer,
    async close() {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
      const again = takeAgain(open.keys())
      open.clear()
      if (again.length > 0) await hint(again).catch(options.report)
    },
  }
}
