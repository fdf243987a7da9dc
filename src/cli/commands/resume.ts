import { RefitError } from '../../domain/errors'
import { lookUp } from '../../operations/lookup'
import { heldUpgradeOf, resumeUpgrade, type Resumed } from '../../operations/resume'
import type { ServiceKey } from '../../store/contracts'
import { actingAs } from '../acting'
import type { Command, Context } from '../context'
import { remoteApi, type VoterOptions } from '../voting'
import { castAndPrint } from './print-vote'

interface Options extends VoterOptions {
  reason?: string
  rollback?: boolean
}

/** Lets a paused upgrade go on; one that is held or lost its workflow goes on in a new one, or is put back. */
export const run: Command<Options> = async (context, [name = ''], { reason, rollback = false, ...voter }) => {
  const vote = (): Promise<void> => castAndPrint(context, 'resume', { name, voter, reason })
  if (remoteApi(context.env, voter)) {
    if (!rollback) return vote()
    throw new RefitError(
      'USAGE',
      'A Refit server takes no --rollback.',
      'Run it where the hub can be reached, without --server.',
    )
  }
  const key = await context.waitFor('the store', async () => lookUp(await context.parts.store(), name))
  const goOn = (): Promise<void> => print(context, key, { reason, rollback, voter })
  if (rollback || (await heldUpgradeOf(await context.parts.store(), key))) return goOn()
  try {
    await vote()
  } catch (error) {
    // No workflow carries it any more.
    if (!(error instanceof RefitError && error.code === 'UPGRADE_UNKNOWN')) throw error
    await goOn()
  }
}

async function print(
  context: Context,
  key: ServiceKey,
  { reason = '', rollback, voter }: { reason?: string | undefined; rollback: boolean; voter: VoterOptions },
): Promise<void> {
  const resumed = await context.waitFor('the store and Temporal', async () => {
    const [store, temporal] = await Promise.all([context.parts.store(), context.parts.temporal()])
    const { by, verified } = await actingAs(context, voter, 'operator')
    return resumeUpgrade({ store, temporal }, { key, rollback, by, verified, reason })
  })
  context.print(resumed, () => [
    `upgrade ${resumed.upgradeId} of ${key.namespace}/${key.service} ${words[resumed.from]}`,
    `next: refit status ${key.namespace}/${key.service}`,
  ])
}

const words: Record<Resumed['from'], string> = {
  approval: 'goes on: its question is put again',
  preflight: 'goes on: everything is checked again before the first write',
  expand: 'goes on: what is on record is not done again',
  rollback: 'is put back',
}
