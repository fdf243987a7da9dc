import { Context } from '@temporalio/activity'
import { upgradeAlert } from '../domain/alerts'
import { sentenceOf } from '../domain/errors'
import type { EventKind } from '../domain/event'
import { outOfSync } from '../domain/hub-release'
import type { Plan } from '../domain/plan'
import type { Outcome, Phase } from '../domain/status'
import { upgradeWorkflowId, wakeSignalName } from '../domain/temporal-names'
import type { UpgradeNews } from '../domain/upgrade-alerts'
import type { Entry } from './contracts'
import { addressed } from './enqueue'
import type { Dependencies } from './dependencies'
import { tellUnrecorded } from './unrecorded'

/**
 * Writes one step of an upgrade to Refit's own store and the alert that belongs to it to the outbox, in one transaction.
 * Both keep the first one under the entry's key, so a second run changes nothing and alerts nobody again.
 */
export const record =
  (deps: Dependencies) =>
  async (entry: Entry): Promise<void> => {
    try {
      await keep(deps, entry)
    } catch (error) {
      await tellUnrecorded(deps, entry, error)
    }
  }

async function keep(deps: Dependencies, entry: Entry): Promise<void> {
  const { store, config } = deps
  const plan = await store.plans.read(entry.planHash)
  const left = entry.phase === 'approval' && entry.kind === 'entered' ? await leftRelease(deps, plan) : undefined
  const alert = upgradeAlert({
    hub: config.hub,
    temporalNamespace: Context.current().info.namespace,
    temporalUi: config.temporalUi,
    plan,
    ...entry,
    ...(left === undefined ? {} : { outOfSync: left }),
    ...(await evidenceFor(deps, plan, entry)),
    ...(await storyOf(deps, entry)),
  })
  const isNewEnd = deps.meter && entry.outcome && !(await store.upgrades.recorded(entry.upgradeId, entry.key))
  await store.upgrades.record({ ...entry, ...(alert ? { tell: addressed(deps, alert) } : {}) })
  if (isNewEnd) await measureEnd(deps, entry)
  if (entry.outcome && decidedAnew.has(entry.outcome)) await lookAgain(deps, plan)
  if (entry.outcome || roomy.has(entry.phase)) await callNext(deps)
}

/** Whoever comes here is under way no more. */
const roomy: ReadonlySet<Phase> = new Set(['bake', 'rollback'])

/** Who is not called looks by itself ten minutes later. */
async function callNext({ store, config, workflows, logger }: Dependencies): Promise<void> {
  try {
    for (const { namespace, service } of await store.turns.call(config.upgradesAtOnce))
      await workflows.signal(upgradeWorkflowId(namespace, service), wakeSignalName, null)
  } catch (error) {
    logger.warn({ error: sentenceOf(error) }, 'who waits for a turn was not woken; it looks again in ten minutes')
  }
}

/** Nothing that is only counted may fail what is done. */
async function measureEnd({ meter, store, logger }: Dependencies, { upgradeId, outcome, phase }: Entry): Promise<void> {
  if (!meter || !outcome) return
  try {
    const began = (await store.upgrades.events(upgradeId)).find((event) => event.phase === 'preflight')
    const seconds = began ? { seconds: (Date.now() - began.at.getTime()) / 1_000 } : {}
    meter.upgradeEnded({ outcome, phase, ...seconds })
  } catch (error) {
    logger.warn({ error: sentenceOf(error) }, 'the end of an upgrade was not measured')
  }
}

/** After these the last scan's decision is wrong. Not after what a scan would only start again, without an end. */
const decidedAnew: ReadonlySet<Outcome> = new Set(['succeeded', 'rolled-back', 'rejected', 'aborted'])

/** Status shows what was decided before the upgrade until somebody looks; without this the next scan does. */
async function lookAgain({ workflows, logger }: Dependencies, { service }: Plan): Promise<void> {
  try {
    await workflows.scanSoon([service.repository])
  } catch (error) {
    logger.warn({ error: sentenceOf(error) }, 'no scan could be asked for; the next one looks')
  }
}

/** Ends after which a person asks what was seen, and what was undone. */
const explained: ReadonlySet<Outcome> = new Set(['rolled-back', 'held', 'aborted'])

async function storyOf(
  { store }: Dependencies,
  { upgradeId, outcome }: Entry,
): Promise<Pick<UpgradeNews, 'diagnosis' | 'undone'>> {
  if (!outcome || !explained.has(outcome)) return {}
  const [diagnoses, events] = await Promise.all([store.diagnoses.list(upgradeId), store.upgrades.events(upgradeId)])
  const undone = events.filter(({ kind }) => kind === ('restored' satisfies EventKind)).map(({ message }) => message)
  const diagnosis = diagnoses.at(-1)
  return { ...(diagnosis ? { diagnosis } : {}), ...(undone.length > 0 ? { undone } : {}) }
}

/** A person who is asked should know that the hub leaves its release. */
const leftRelease = async ({ store, config }: Dependencies, { service, to }: Plan): Promise<string | undefined> =>
  config.billOfMaterials &&
  outOfSync(await store.decisions.list(), { repository: service.repository, tag: to.tag }, config.billOfMaterials)

/** Why the plan's image is offered, and what another hub says of it: as the scan heard it, kept beside the decision. */
async function evidenceFor(
  { store }: Dependencies,
  { service: { namespace, name: service }, to, policy }: Plan,
  { phase, kind }: Entry,
): Promise<Pick<UpgradeNews, 'offered' | 'promoted'>> {
  if (phase !== 'approval' || kind !== 'entered') return {}
  const decision = await store.decisions.read({ namespace, service })
  const { candidate } = decision ?? {}
  if (!decision || candidate?.digest !== to.digest) return {}
  return {
    offered: { reason: decision.reason, candidate },
    ...(policy.promote && candidate.promoted ? { promoted: candidate.promoted } : {}),
  }
}
