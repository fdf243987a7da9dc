import type { Command } from '../context'
import { load } from '../lazy'
import { safe } from '../render'

/** Brings the store's tables to this build's version. */
export const migrate: Command<unknown> = async (context) => {
  const store = await context.parts.store()
  const { placeOf } = load.storeConnection()
  const place = placeOf(context.env.DATABASE_URL ?? '')
  const { pending: applied } = await context.waitFor('the store', async () => {
    const before = await store.check()
    await store.migrate()
    return before
  })
  context.print({ store: place, applied }, () => [
    safe(applied === 0 ? `the store ${place} is at this version` : `the store ${place}: ${applied} migrations applied`),
  ])
}
