import type { Kubernetes, Registry } from '../clients/contracts'
import type { Plan } from '../domain/plan'
import { checkPreflight, type Problem } from '../domain/preflight'
import { rollbackPlan } from '../domain/rollback-plan'
import { pullSecretsOf, serviceId, type Service } from '../domain/service'
import type { ServiceKey, Store, UpgradeRow } from '../store/contracts'

export interface RollbackDeps {
  store: Pick<Store, 'upgrades' | 'plans' | 'snapshots' | 'data'>
  kubernetes: Pick<Kubernetes, 'observeServices'>
  registry: Pick<Registry, 'digestOf' | 'imageFacts'>
  signal?: AbortSignal
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
  const pull = service ? await pullable(deps, plan, service) : { pin: false }
  if ('problem' in pull) return refused([pull.problem])
  const before = await store.snapshots.read(upgrade.id)
  const draft = rollbackPlan({ plan, upgradeId: upgrade.id, before, pin: pull.pin })
  if (draft.kind === 'refused') return refused([draft])
  const passed = await pastContract(store, upgrade)
  const checked = checkPreflight({ plan: draft.plan, service, candidateDigestNow: draft.plan.to.digest })
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

/** Whether the tag still means what ran before (else its digest is named), or why it can't be pulled. */
async function pullable(
  { registry }: RollbackDeps,
  { service: { repository }, from }: Plan,
  service: Service,
): Promise<{ pin: boolean } | { problem: Problem }> {
  if (from.digest === null) return { pin: false }
  const options = { pullSecrets: pullSecretsOf(service) }
  if ((await registry.digestOf(repository, from.tag, options)) === from.digest) return { pin: false }
  if (await registry.imageFacts(repository, from.digest, options)) return { pin: true }
  return {
    problem: {
      reason: `the registry no longer has ${from.tag} as it ran before (${from.digest})`,
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
