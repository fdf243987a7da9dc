import type { RefitApi } from '../clients/refit-api'
import { RefitError } from '../domain/errors'
import { authenticate, authorize } from '../operations/authenticate'
import { lookUp } from '../operations/lookup'
import { openPlan, type ShownPlan } from '../operations/open-plan'
import { castVote, nothingUnderWay, type VoteRequest, type VoteResult } from '../operations/vote'
import { scopeOf } from '../operations/vote-rules'
import type { ServiceKey, VoteVerb } from '../store/contracts'
import { actor, type Context } from './context'
import { load } from './lazy'
import { remoteVoting } from './remote-voting'
import { readToken } from './token'

/** The options of every command that speaks to an upgrade. */
export interface VoterOptions {
  by?: string
  tokenFile?: string
  server?: string
}

/** What is said, apart from who says it. */
export type Saying = Omit<VoteRequest, 'by' | 'verified' | 'upgradeId' | 'requestId'>

/** What `-o json` prints of a vote. */
export type ShownVote = VoteResult & { /** the upgrade's page in the Temporal Web UI */ webUi: string | null }

/** How this process speaks to upgrades: with the store and Temporal, or over the HTTP API of a Refit server. */
export interface Voting {
  /** who acts, in words */
  person(): Promise<string>
  find(name: string): Promise<ServiceKey>
  waitingPlan(key: ServiceKey): Promise<ShownPlan>
  cast(verb: VoteVerb, saying: Saying): Promise<ShownVote>
}

/** USAGE when a name is claimed beside a token, which has its own, or to a server, which wants a token. */
export function votingOf(context: Context, options: VoterOptions): Voting {
  const { by } = options
  const api = remoteApi(context.env, options)
  const token = readToken(context.env, options.tokenFile)
  if (by !== undefined && (token !== undefined || api))
    throw new RefitError('USAGE', 'With a token it is known who acts.', 'Leave --by away.')
  return api ? remoteVoting(api) : localVoting(context, by, token)
}

/** The server of --server or $REFIT_SERVER; undefined when none is named. UNAUTHENTICATED without a token for it. */
export function remoteApi(
  env: NodeJS.ProcessEnv,
  { server, tokenFile }: Pick<VoterOptions, 'server' | 'tokenFile'>,
): RefitApi | undefined {
  const url = server ?? (env.REFIT_SERVER?.trim() || undefined)
  if (url === undefined) return undefined
  const token = readToken(env, tokenFile)
  if (token !== undefined) return load.refitApi().createRefitApi({ url, token })
  throw new RefitError(
    'UNAUTHENTICATED',
    'A Refit server wants to know who asks.',
    'Set REFIT_TOKEN, or name a file with --token-file; refit token create makes a token.',
  )
}

function localVoting(context: Context, by: string | undefined, token: string | undefined): Voting {
  const { parts } = context
  const claimed = actor(context, by)
  const identity = async () => {
    if (token === undefined) return undefined
    const [store, config] = await Promise.all([parts.store(), parts.config()])
    return authenticate({ store, config }, token)
  }
  return {
    person: async () => (await identity())?.name ?? claimed,
    find: async (name) => lookUp(await parts.store(), name),
    async waitingPlan(key) {
      const plan = await openPlan(await parts.store(), key)
      if (plan) return plan
      throw nothingUnderWay(key)
    },
    async cast(verb, saying) {
      const person = await identity()
      if (person) authorize(person, scopeOf(verb))
      const [store, temporal] = await Promise.all([parts.store(), parts.temporal()])
      const voter = person
        ? { by: person.name, verified: { groups: person.groups, via: 'token' as const } }
        : { by: claimed }
      const result = await castVote({ store, temporal }, verb, { ...saying, ...voter })
      return { ...result, webUi: webUiOf(context, temporal.namespace, result) }
    },
  }
}

function webUiOf({ env }: Context, namespace: string, { workflowId }: VoteResult): string | null {
  const base = env.TEMPORAL_UI_URL?.trim().replace(/\/+$/, '')
  return base ? `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}` : null
}
