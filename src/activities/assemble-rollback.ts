import type { Plan } from '../domain/plan'
import type { Problem } from '../domain/preflight'
import { rollbackPlan } from '../domain/rollback-plan'
import { pullSecretsOf, serviceId, type Service } from '../domain/service'
import type { ServiceKey, Store, UpgradeRow } from '../store/contracts'
import { checkNow } from './check-now'
import type { Dependencies } from './dependencies'

export type RollbackDeps = Pick<Dependencies, 'config' | 'kubernetes' | 'registry' | 'environment'> & {
  store: Pick<Store, 'upgrades' | 'plans' | 'snapshots' | 'data'>
  signal?: AbortSignal
  /** these credentials will carry it out */
  acts?: boolean
}

export type RollbackDraft = { kind: 'plan'; plan: Plan; upgrade: UpgradeRow } | { kind: 'refused'; problems: Problem[] }

const lookedAt = 50

/**
 * The plan by which the last succeeded upgrade of a service is taken back, or every reason against it: nothing succeeded,
 * its contract has begun, the service was changed since, what ran before can't be pulled any more, the cluster can't take it.
 */
export async function assembleRollback(deps: RollbackDeps, key: ServiceKey): Promise<RollbackDraft> {
  const { store, kubernetes, signal } = deps
  const id = serviceId({ namespace: key.namespace, name: key.service })
  const upgrade = (await store.upgrades.list({ ...key, limit: lookedAt })).find(
    ({ outcome }) => outcome === 'succeeded',
  )
  if (!upgrade)
    return refused([{ reason: `no upgrade of ${id} has succeeded`, next: `refit history ${id} lists them.` }])
  const plan = await store.plans.read(upgrade.planHash)
  const service = (await kubernetes.observeServices([key.namespace], signal)).find(({ name }) => name === key.service)
  if (!service) return refused([{ reason: `${id} is not deployed any more`, next: 'Deploy it again.' }])
  const pull = await pullable(deps, plan, service)
  if ('problem' in pull) return refused([pull.problem])
  const before = await store.snapshots.read(upgrade.id)
  const draft = rollbackPlan({ plan, upgradeId: upgrade.id, before, ...pull })
  if (draft.kind === 'refused') return refused([draft])
  const passed = await pastContract(store, upgrade)
  const checked = await checkNow(deps, { plan: draft.plan, service, candidateDigestNow: draft.plan.to.digest })
  const problems = [...(passed ? [passed] : []), ...(checked.kind === 'refused' ? checked.problems.map(byHand) : [])]
  if (problems.length > 0) return refused(problems)
  return { kind: 'plan', plan: draft.plan, upgrade }

  /** No scan makes this plan again. */
  function byHand({ reason, next }: Problem): Problem {
    const isStale = next.includes('refit scan')
    return {
      reason,
      next: isStale ? `refit history --upgrade ${upgrade?.id} says what it left; set the rest back by hand.` : next,
    }
  }
}

const refused = (problems: Problem[]): RollbackDraft => ({ kind: 'refused', problems })

/**
 * The digest of what ran before, and whether the tag alone may mean something else by now; or why it can't be pulled. Where no
 * pod told its digest, the template is restored as it stood, and must run what its tag means now.
 */
async function pullable(
  { registry }: RollbackDeps,
  { service: { repository }, from }: Plan,
  service: Service,
): Promise<{ digest: string; pin: boolean } | { problem: Problem }> {
  const options = { pullSecrets: pullSecretsOf(service) }
  const now = await registry.digestOf(repository, from.tag, options)
  const digest = from.digest ?? now
  if (digest !== undefined && digest === now) return { digest, pin: false }
  if (digest !== undefined && (await registry.imageFacts(repository, digest, options))) return { digest, pin: true }
  return {
    problem: {
      reason: `the registry no longer has ${from.tag} as it ran before${digest === undefined ? '' : ` (${digest})`}`,
      next: `Push ${repository}:${from.tag} again, from the same build.`,
    },
  }
}

/** Old code does not run on a contracted schema (law 5). */
async function pastContract(store: RollbackDeps['store'], upgrade: UpgradeRow): Promise<Problem | undefined> {
  const id = `${upgrade.namespace}/${upgrade.service}`
  const [run, events] = await Promise.all([store.data.latest(upgrade), store.upgrades.events(upgrade.id)])
  const ofThis = run?.upgradeId === upgrade.id ? run : undefined
  const contracted =
    ofThis?.phase === 'contract' || events.some(({ kind }) => kind === 'contract' || kind === 'contract-failed')
  if (contracted)
    return {
      reason: `the contract of ${upgrade.toTag} has begun: ${upgrade.fromTag} can't use the schema any more`,
      next: 'Mend forward with a newer version.',
    }
  if (ofThis?.outcome === null)
    return {
      reason: `the data workflow of ${upgrade.toTag} runs (${ofThis.phase}) and would contract what ${upgrade.fromTag} needs`,
      next: `Stop it first: refit data abort ${id} --reason TEXT.`,
    }
  return undefined
}
