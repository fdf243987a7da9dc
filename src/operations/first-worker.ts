import type { Store } from '../store/contracts'

/** Whether no worker of this hub has ever started: none has made the tables, or none has left its name there. */
export async function neverHadWorker({ check, workers }: Pick<Store, 'check' | 'workers'>): Promise<boolean> {
  const { pending } = await check()
  return pending > 0 || (await workers.last()) === undefined
}
