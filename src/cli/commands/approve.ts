import { RefitError } from '../../domain/errors'
import { explainPlan } from '../../domain/explain-plan'
import { lookUp } from '../../operations/lookup'
import { approve, openUpgradeOf } from '../../operations/vote'
import type { ServiceKey } from '../../store/contracts'
import { actor, type Command, type Context } from '../context'
import { exitCodes } from '../exit-codes'
import { safe } from '../render'
import { printVote } from './print-vote'

interface Options {
  plan?: string
  by?: string
  comment?: string
  yes?: boolean
}

/** With --plan the person has read it elsewhere; without, it is shown and asked about, and exactly that one is approved. */
export const run: Command<Options> = async (context, [name = ''], { plan, by, comment, yes = false }) => {
  const { parts, io } = context
  if (plan === undefined && !yes && !io.isTerminal)
    throw new RefitError(
      'USAGE',
      'Nobody is here to be asked.',
      'Name the plan with --plan, or approve whatever waits with --yes.',
    )
  const store = await parts.store()
  const key = await context.waitFor('the store', () => lookUp(store, name))
  const person = actor(context, by)
  const planHash = plan ?? (await waitingPlan(context, key))
  if (plan === undefined && !yes && !(await isConfirmed(context, person))) {
    io.err('nothing was sent\n')
    return exitCodes.refused
  }
  const temporal = await context.waitFor('Temporal', () => parts.temporal())
  printVote(
    context,
    temporal,
    await context.waitFor('the upgrade to answer', () =>
      approve({ store, temporal }, { key, by: person, planHash, reason: comment }),
    ),
  )
  return exitCodes.ok
}

/** Shown on stderr where stdout is data. */
async function waitingPlan({ parts, io, json }: Context, key: ServiceKey): Promise<string> {
  const store = await parts.store()
  const { planHash } = await openUpgradeOf(store, key)
  const lines = explainPlan(await store.plans.read(planHash), planHash)
  const write = json ? io.err : io.out
  write(`${lines.map(safe).join('\n')}\n`)
  return planHash
}

async function isConfirmed({ io }: Context, person: string): Promise<boolean> {
  return /^y(es)?$/i.test((await io.ask(`Approve this plan as ${safe(person)}? [y/N] `)).trim())
}
