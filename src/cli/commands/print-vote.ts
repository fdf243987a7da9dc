import type { VoteVerb } from '../../store/contracts'
import type { Context } from '../context'
import { safe } from '../render'
import { type Saying, type ShownVote, type VoterOptions, votingOf } from '../voting'

/** What became of a vote, and where to watch it; with --verbose how Temporal's own CLI says the same. JSON: ShownVote. */
export function printVote(context: Context, result: ShownVote): void {
  const { namespace, service, webUi, equivalent } = result
  context.equivalent(equivalent)
  context.print(result, () => [
    context.paint(
      result.delivered === 'update' ? 'good' : 'warn',
      safe(
        `${result.vote} of ${namespace}/${service} ${result.from} → ${result.to} by ${result.by}${result.verified ? '' : ' (unverified)'}: ${result.message}`,
      ),
    ),
    `plan ${result.planHash}, upgrade ${result.upgradeId}`,
    ...(webUi ? [context.paint('dim', `web: ${webUi}`)] : []),
    `next: refit status ${namespace}/${service}`,
  ])
}

/** Says one thing to a service's upgrade and prints what became of it. */
export async function castAndPrint(
  context: Context,
  verb: VoteVerb,
  { name, voter, ...saying }: { name: string; voter: VoterOptions } & Omit<Saying, 'key'>,
): Promise<void> {
  const voting = votingOf(context, voter)
  const key = await context.waitFor('the store', () => voting.find(name))
  printVote(context, await context.waitFor('the upgrade to answer', () => voting.cast(verb, { key, ...saying })))
}
