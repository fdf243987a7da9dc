/** What a process opened, to be closed again in reverse order. */
export interface Opened {
  /** remembers how the thing is closed, and hands it back */
  opens: <T>(thing: T, close: (thing: T) => Promise<unknown>) => T
  /** closes what was opened last first; what can't be closed is reported and keeps nothing else open */
  closeAll: () => Promise<void>
}

export function createOpened(report: (error: unknown) => void): Opened {
  const closers: (() => Promise<unknown>)[] = []
  return {
    opens: (thing, close) => {
      closers.unshift(() => close(thing))
      return thing
    },
    closeAll: async () => {
      for (const close of closers)
        try {
          await close()
        } catch (error) {
          report(error)
        }
    },
  }
}
