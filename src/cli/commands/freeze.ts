import { actorWords, frozenWords, unfreezeCommand } from '../../domain/freeze-alerts'
import { instant } from '../../domain/text'
import { freeze, freezes, unfreeze } from '../../operations/freeze'
import type { PastFreeze } from '../../store/contracts'
import { actingAs, type ActorOptions } from '../acting'
import type { Command } from '../context'
import { safe } from '../render'

interface Options extends ActorOptions {
  namespace?: string
  reason?: string
}

/** Sets the freeze switch. */
export const run: Command<Options & { reason: string }> = async (context, _args, { namespace, reason, ...who }) => {
  const [store, config] = await Promise.all([context.parts.store(), context.parts.config()])
  const result = await context.waitFor('the store', async () =>
    freeze({ store, config }, { namespace: namespace ?? null, reason, ...(await actingAs(context, who, 'operator')) }),
  )
  context.print(result, () => [
    context.paint(
      'warn',
      safe(
        `${frozenWords(result.freeze)} ${result.alreadyFrozen ? 'was frozen already' : 'is frozen'}, by ${actorWords(result.freeze)}: ${result.freeze.reason}`,
      ),
    ),
    'no upgrade starts; what is under way stops at its next safe point',
    ...(result.holds > 0 ? [`open upgrades that it holds: ${result.holds}`] : []),
    `next: ${unfreezeCommand(result.freeze)}`,
  ])
}

/** Lifts it. */
export const lift: Command<Options> = async (context, _args, { namespace, reason = '', ...who }) => {
  const { parts } = context
  const [store, config] = await Promise.all([parts.store(), parts.config()])
  const result = await context.waitFor('the store and Temporal', async () =>
    unfreeze(
      { store, config, temporal: () => parts.temporal() },
      { namespace: namespace ?? null, reason, ...(await actingAs(context, who, 'operator')) },
    ),
  )
  context.print(result, () => [
    context.paint('good', safe(`${frozenWords(result.freeze)} is no longer frozen, by ${result.liftedBy}`)),
    result.woken === null
      ? context.paint('warn', 'Temporal can not be reached: what waits looks again within the hour')
      : `told to look again: ${result.woken}`,
    ...result.remaining.map((each) =>
      context.paint('warn', safe(`still frozen: ${frozenWords(each)}, by ${actorWords(each)}: ${each.reason}`)),
    ),
    'next: refit status',
  ])
}

/** What is frozen, and what was. */
export const list: Command<unknown> = async (context) => {
  const store = await context.parts.store()
  const found = await context.waitFor('the store', () => freezes({ store }, context.io.now()))
  context.print(found, () => {
    if (found.freezes.length === 0) return ['nothing is frozen, and nothing was within 90 days']
    return [context.table(['FROZEN', 'SINCE', 'BY', 'WHY', 'LIFTED'], found.freezes.map(rowOf))]
  })
}

const rowOf = (each: PastFreeze) => [
  frozenWords(each),
  instant(each.at),
  actorWords(each),
  each.reason,
  each.lifted
    ? `${instant(each.lifted.at)} by ${actorWords(each.lifted)}${each.lifted.because ? `: ${each.lifted.because}` : ''}`
    : { text: 'no', tone: 'warn' as const },
]
