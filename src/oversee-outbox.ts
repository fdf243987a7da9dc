import { giveUpAfterMs } from './clients/deliver'
import type { Notifier } from './clients/contracts'
import { flowsAlert, stuckAfterMs, stuckAlert, targetsOf } from './domain/alerts'
import type { Hub } from './domain/alert'
import type { Store, TargetRow } from './store/contracts'

interface Oversee {
  store: Pick<Store, 'outbox'>
  notifiers: readonly Notifier[]
  hub: Hub
  logger: Record<'warn' | 'error', (facts: object, message: string) => void>
  /** epoch milliseconds */
  now?: () => number
}

/** Sees to it that a target which gets no alerts is told of through the others, once per incident, and when it gets them again. */
export async function overseeOutbox({ store, notifiers, hub, logger, now = Date.now }: Oversee): Promise<void> {
  const { outbox } = store
  const names = notifiers.map(({ name }) => name)
  const given = await outbox.giveUp(names, giveUpAfterMs)
  if (given > 0) logger.error({ alerts: given }, 'alerts for targets that refit.yaml has no more are given up')
  for (const row of await outbox.targets()) {
    const { target, waiting, oldest, lastError, told } = row
    const others = notifiers.filter(({ name }) => name !== target)
    if (oldest && isStuck(row, now())) {
      const alert = stuckAlert({ hub, target, waiting, oldest, lastError })
      if (await outbox.add(targetsOf(others, alert), alert))
        logger.error({ target, waiting, oldest, error: lastError }, 'alerts do not reach a target')
    } else if (told) {
      const alert = flowsAlert({ hub, target })
      if (await outbox.add(targetsOf(others, alert), alert)) logger.warn({ target }, 'alerts reach a target again')
    }
  }
}

const isStuck = ({ oldest }: TargetRow, now: number): boolean =>
  oldest !== null && oldest.getTime() <= now - stuckAfterMs
