import { RefitError } from '../../domain/errors'
import type { ServiceKey, VoteVerb } from '../../store/contracts'
import { isYes } from '../care'
import type { Context } from '../context'
import { exitCodes, type ExitCode } from '../exit-codes'
import { type Hub, hubWords, isProduction } from '../hub-of'
import { safe } from '../render'
import { type Saying, type VoterOptions, type Voting, votingOf } from '../voting'
import { printVote } from './print-vote'

export interface PlanOptions extends VoterOptions {
  plan?: string
  yes?: boolean
}

/** With --plan the person has read it elsewhere; without, it is shown and asked about, and exactly that one is meant. */
export async function confirmAndCast(
  context: Context,
  verb: VoteVerb,
  {
    name,
    options: { plan, yes = false, ...voter },
    ...saying
  }: Omit<Saying, 'key'> & { name: string; options: PlanOptions },
): Promise<ExitCode> {
  const { io } = context
  if (plan === undefined && !yes && !io.isTerminal)
    throw new RefitError(
      'USAGE',
      'Nobody is here to be asked.',
      `Name the plan with --plan, or ${verb} whatever waits with --yes.`,
    )
  const voting = votingOf(context, voter)
  const key = await context.waitFor('the store', () => voting.find(name))
  const planHash = plan ?? (await showPlan(context, voting, key))
  const hub = await context.hub()
  const asks = !yes && (plan === undefined || isProduction(hub))
  if (asks && !(await isYes(context, question(verb, planHash, { hub, person: await voting.person() })))) {
    io.err('nothing was sent\n')
    return exitCodes.refused
  }
  const result = await context.waitFor('the upgrade to answer', () => voting.cast(verb, { key, planHash, ...saying }))
  printVote(context, result)
  return exitCodes.ok
}

/** Shown on stderr where stdout is data. */
async function showPlan({ io, isData }: Context, voting: Voting, key: ServiceKey): Promise<string> {
  const { hash, lines } = await voting.waitingPlan(key)
  const write = isData ? io.err : io.out
  write(`${lines.map(safe).join('\n')}\n`)
  return hash
}

const question = (verb: VoteVerb, planHash: string, { hub, person }: { hub: Hub | undefined; person: string }) =>
  `${verb.slice(0, 1).toUpperCase()}${verb.slice(1)} plan ${planHash} on ${safe(hubWords(hub))} as ${safe(person)}? [y/N] `
