import { digestAlert } from '../domain/digest'
import { digestSlot } from '../domain/digest-times'
import type { Dependencies } from './dependencies'
import { addressed } from './enqueue'
import { readDigest } from './read-digest'

/** What the first digest tells of, and the most that a later one makes up for. */
const firstSpanMs = 12 * 3_600_000
const longestSpanMs = 7 * 86_400_000

/**
 * Tells how things stand and what happened since the last digest, once per local date and time of `digestAt`: run again,
 * or fired twice by a clock that is put back, it tells nothing more. One that a person triggers is told in any case.
 * `dueAt`: epoch ms at which the Schedule meant it to come; `run` names the workflow. Returns the slot, and whether it was news.
 */
export const digest =
  ({ store, config, notifiers, logger }: Dependencies) =>
  async ({ dueAt, run }: { dueAt: number; run: string }): Promise<{ slot: string; told: boolean }> => {
    const slot = (config.digestAt && digestSlot(config.digestAt, dueAt)) ?? `by hand, ${run}`
    const to = await store.scans.now()
    const from = spanFrom(await store.digests.last(), to)
    const alert = digestAlert(config.hub, slot, await readDigest({ store, config }, { from, to }))
    const told = await store.digests.add({ slot, from, to }, addressed({ notifiers }, alert))
    logger.info({ slot, told }, 'digest')
    return { slot, told }
  }

function spanFrom(last: Date | undefined, to: Date): Date {
  const from = last?.getTime() ?? to.getTime() - firstSpanMs
  return new Date(Math.max(from, to.getTime() - longestSpanMs))
}
