import { RefitError } from '../domain/errors'
import type { CommandSpec } from './command-spec'
import type { Context } from './context'
import { type Hub, hubWords, isProduction } from './hub-of'
import { safe } from './render'

/** Options by which a command only looks, or by which a person has decided already. */
interface Given {
  yes?: boolean
  dryRun?: boolean
  /** of a command that has one: how far it is */
  status?: boolean
  /** the plan that is meant: whoever names it has read it */
  plan?: string
  rollback?: boolean
}

/**
 * Before a command that changes something: says on stderr which hub that is, and asks where it must. False when the answer
 * is no. USAGE when nobody is there to be asked.
 */
export async function takeCare(
  context: Context,
  { name, care }: Pick<CommandSpec, 'name' | 'care'>,
  args: (string | undefined)[],
  { yes = false, dryRun = false, status = false, plan, rollback = false }: Given,
): Promise<boolean> {
  if (care === undefined || dryRun || status) return true
  const hub = await context.hub()
  sayHub(context, hub)
  if (care === 'say' || care === 'own' || yes) return true
  const final = care === 'ask' || (care.only && !rollback) ? undefined : care
  if (final?.needsPlan && plan === undefined) return true
  // A script that names the plan has been written for that one.
  const isFinal = final !== undefined && (plan === undefined || context.io.isTerminal)
  if (!isFinal && !isProduction(hub)) return true
  const what = safe(['refit', name, ...args.filter((arg) => arg !== undefined)].join(' '))
  const why = final ? `: ${final.final}` : ''
  return isYes(context, `${what} on ${hubWords(hub)}${why}.\nGo on? [y/N] `, { isFinal })
}

/** A person's yes. USAGE when nobody is there to be asked. */
export async function isYes({ io }: Context, question: string, { isFinal = false } = {}): Promise<boolean> {
  if (!io.isTerminal)
    throw new RefitError(
      'USAGE',
      isFinal
        ? 'This can not be undone, and nobody is here to be asked.'
        : 'The hub is in production, and nobody is here to be asked.',
      'Add --yes if it is meant.',
    )
  return /^y(es)?$/i.test((await io.ask(question)).trim())
}

function sayHub({ io, paint }: Context, hub: Hub | undefined): void {
  io.err(`${paint(isProduction(hub) ? 'bad' : 'strong', safe(`hub ${hubWords(hub)}`))}\n`)
}
