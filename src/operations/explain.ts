import { policyFor, type Config } from '../config'
import type { Decision, TagExplanation } from '../domain/decision'
import { RefitError } from '../domain/errors'
import { outOfSync } from '../domain/hub-release'
import { clean, nearestTo } from '../domain/text'
import { strategyWords } from '../domain/version-rules'
import { windowState, type WindowState } from '../domain/window'
import { doubtedList, type ShownList } from './doubted-list'
import type { ServiceKey, Store } from '../store/contracts'

/** What `refit explain -o json` prints: the last scan's decision with the reason for every tag, and which policy decided. */
export interface Explanation extends ServiceKey {
  decision: Omit<Decision, 'tags' | 'namespace' | 'service'> & { at: Date }
  /** null: no policy selects the service */
  policy: {
    name: string
    /** of the policies in refit.yaml, the first one that fits: from 1 */
    position: number
    mode: string
    strategy: string
    prerelease: string
    minimumAgeMs: number
    settle: { forMs: number; atMostMs: number } | null
  } | null
  /** whether an upgrade could start now; null without a policy */
  window: WindowState | null
  /** what the hub's release says to the candidate, when it names another tag; null when it doesn't */
  outOfSync: string | null
  /** newest first */
  tags: TagExplanation[]
  /** the tag list that can't be trusted, as `refit accept` would trust it; null when the last scan doubted none */
  doubtedList: ShownList | null
}

export interface ExplainParts {
  store: { decisions: Pick<Store['decisions'], 'read' | 'list'>; repositories: Pick<Store['repositories'], 'read'> }
  config: Pick<Config, 'policies' | 'billOfMaterials'>
}

/**
 * Why a service is offered what it is offered, from what the last scan kept. SERVICE_UNKNOWN when none has decided on it;
 * REGISTRY_NOT_FOUND when a `tag` is asked for that its list doesn't have.
 */
export async function explainService(
  { store, config }: ExplainParts,
  { key, tag, now }: { key: ServiceKey; tag?: string; now: Date },
): Promise<Explanation> {
  const name = `${key.namespace}/${key.service}`
  const found = await store.decisions.read(key)
  if (!found)
    throw new RefitError('SERVICE_UNKNOWN', `No scan has decided on ${name}.`, 'Run refit scan, then try again.')
  const { tags, namespace, service, ...decision } = found
  const shown = tag === undefined ? tags : tags.filter((each) => each.tag === tag)
  if (tag !== undefined && shown.length === 0) throw unseen(tag, name, found)
  const isDoubted = decision.kind === 'suspicious'
  const known = isDoubted ? await store.repositories.read([decision.repository]) : undefined
  const policy = policyFor(config, namespace, decision.repository)
  return {
    ...{ namespace, service, decision, tags: shown, doubtedList: doubtedList(known?.get(decision.repository)) },
    policy: policy
      ? {
          ...{ name: policy.name, position: config.policies.indexOf(policy) + 1, mode: policy.mode },
          ...{
            strategy: strategyWords(policy.strategy),
            prerelease: policy.prerelease,
            minimumAgeMs: policy.minimumAgeMs,
          },
          settle: policy.settle ?? null,
        }
      : null,
    outOfSync: await leftRelease({ store, config }, decision),
    window: policy ? windowState({ windows: policy.windows, freezes: policy.freezes, now: now.getTime() }) : null,
  }
}

async function leftRelease(
  { store, config: { billOfMaterials } }: ExplainParts,
  { repository, candidate }: Pick<Decision, 'repository' | 'candidate'>,
): Promise<string | null> {
  if (!billOfMaterials || !candidate) return null
  return outOfSync(await store.decisions.list(), { repository, tag: candidate.tag }, billOfMaterials) ?? null
}

function unseen(tag: string, name: string, { repository, tags }: Pick<Decision, 'repository' | 'tags'>): RefitError {
  const near = nearestTo(
    tag,
    tags.map((each) => each.tag),
  )
  return new RefitError(
    'REGISTRY_NOT_FOUND',
    `The last scan saw no tag ${clean(tag, 200)} of ${repository}.`,
    `${near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : ''}refit explain ${name} lists those that it saw.`,
  )
}
