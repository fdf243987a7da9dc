import { RefitError } from '../domain/errors'
import { explainPlan } from '../domain/explain-plan'
import { authenticate, authorize } from '../operations/authenticate'
import { lookUp } from '../operations/lookup'
import { castVote, openUpgradeOf, type VoteRequest, type VoteResult } from '../operations/vote'
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
  waitingPlan(key: ServiceKey): Promise<{ planHash: string; lines: string[] }>
  cast(verb: VoteVerb, saying: Saying): Promise<ShownVote>
}

/** USAGE when a name is claimed beside a token, which has its own, or a server is named without a token. */
export function votingOf(context: Context, { by, tokenFile, server }: VoterOptions): Voting {
  const token = readToken(context.env, tokenFile)
  const url = server ?? (context.env.REFIT_SERVER?.trim() || undefined)
  if (by !== undefined && (token !== undefined || url !== undefined))
    throw new RefitError('USAGE', 'With a token it is known who acts.', 'Leave --by away.')
  if (url !== undefined) return remoteVoting(load.refitApi().createRefitApi({ url, token: needed(token) }))
  return localVoting(context, by, token)
}

/** The token that a server asks for. */
export function needed(token: string | undefined): string {
  if (token !== undefined) return token
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
      const store = await parts.store()
      const { planHash } = await openUpgradeOf(store, key)
      return { planHash, lines: explainPlan(await store.plans.read(planHash), planHash) }
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
