import { Context } from '@temporalio/activity'
import pLimit from 'p-limit'

/**
 * Rollouts that one worker begins and watches at the same time. More at once end no sooner: each makes pods beyond those
 * that are wanted, and keeps the API server and Temporal busy for as long as it lasts.
 */
const atOnce = 32

/** Takes a turn, which must be given back. Rejects when the activity is cancelled before it comes. */
export type TakeTurn = () => Promise<() => void>

export function turns(): TakeTurn {
  const limit = pLimit(atOnce)
  return async () => {
    const begun = new Promise<() => void>((resolve) => {
      void limit(() => new Promise<void>((done) => resolve(done)))
    })
    const { cancelled } = Context.current()
    try {
      return await Promise.race([begun, cancelled])
    } catch (error) {
      void begun.then((giveBack) => giveBack())
      throw error
    }
  }
}
