import type { Kubernetes, WorkloadRef } from '../clients/contracts'
import type { Config } from '../config'
import { resolvedAlert, routesOf, targetsOf } from '../domain/alerts'
import { RefitError } from '../domain/errors'
import { type Plan, type PlannedContainer, type PlannedWorkload, undoImage } from '../domain/plan'
import type { RolloutObservation } from '../domain/rollout'
import { wantedNew } from '../domain/rollout-kinds'
import { wordList } from '../domain/text'
import type { ServiceKey, Store, UpgradeRow } from '../store/contracts'

export interface WorkloadMatch {
  workload: string
  /** what all its pods run; `either` when the plan keeps them alike; `other` when neither, or not all are available */
  runs: 'old' | 'new' | 'either' | 'other'
  /** why it is `other`; empty otherwise */
  problem: string
}

/** What `refit resolve -o json` prints. */
export interface Resolution extends ServiceKey {
  upgradeId: string
  /** which images the whole service runs; `neither` only with --force */
  matches: 'old' | 'new' | 'neither'
  workloads: WorkloadMatch[]
  by: string
  reason: string
  forced: boolean
}

interface Request {
  key: ServiceKey
  by: string
  reason: string
  force: boolean
}

interface Deps {
  store: Pick<Store, 'upgrades' | 'plans'>
  kubernetes: Kubernetes
  config: Pick<Config, 'hub' | 'alerts'>
}

/**
 * Records that a person repaired what a held upgrade left, so that scans offer candidates again. The cluster must run
 * all old or all new images (law 9); KUBERNETES_CONFLICT says where it doesn't, unless forced.
 */
export async function resolve(
  { store, kubernetes, config }: Deps,
  { key, by, reason, force }: Request,
): Promise<Resolution> {
  const upgrade = await heldUpgradeOf(store, key)
  const plan = await store.plans.read(upgrade.planHash)
  const workloads = await Promise.all(plan.workloads.map((workload) => matchOf(kubernetes, plan, workload)))
  const matches = allRun(workloads)
  if (matches === 'neither' && !force)
    throw new RefitError(
      'KUBERNETES_CONFLICT',
      `The cluster runs neither all of ${plan.from.tag} nor all of ${plan.to.tag}: ${workloads.map(({ workload, runs, problem }) => `${workload} ${runs === 'other' ? problem : `runs ${runs === 'either' ? 'what both have' : `the ${runs} image`}`}`).join('; ')}.`,
      'Repair that, or say --force if it is meant to be so.',
    )
  const said = `${reason} (the cluster runs ${matches === 'neither' ? 'neither the old nor the new images; forced' : `the ${matches} images`})`
  const alert = resolvedAlert({ hub: config.hub, plan, upgradeId: upgrade.id, by, reason: said })
  await store.upgrades.resolve(upgrade.id, by, said, { targets: targetsOf(routesOf(config.alerts), alert), alert })
  return { ...key, upgradeId: upgrade.id, matches, workloads, by, reason, forced: matches === 'neither' }
}

async function heldUpgradeOf(store: Pick<Store, 'upgrades'>, key: ServiceKey): Promise<UpgradeRow> {
  const held = (await store.upgrades.listHeld()).find(
    ({ namespace, service }) => namespace === key.namespace && service === key.service,
  )
  if (held) return held
  const id = `${key.namespace}/${key.service}`
  throw new RefitError('UPGRADE_UNKNOWN', `No upgrade of ${id} is held.`, `refit status ${id} says where it stands.`)
}

async function matchOf(kubernetes: Kubernetes, plan: Plan, planned: PlannedWorkload): Promise<WorkloadMatch> {
  const ref: WorkloadRef = { kind: planned.kind, name: planned.name, uid: planned.uid }
  try {
    return compareWorkload(plan, planned, await kubernetes.observeRollout(plan.service.namespace, ref))
  } catch (error) {
    if (!(error instanceof RefitError && error.code === 'KUBERNETES_NOT_FOUND')) throw error
    return { workload: planned.name, runs: 'other', problem: 'has gone or was created again' }
  }
}

/** Pure: which of the plan's images a workload runs, and whether all its pods do and are available. */
export function compareWorkload(
  plan: Pick<Plan, 'from' | 'policy' | 'rollback'>,
  planned: PlannedWorkload,
  seen: RolloutObservation,
): WorkloadMatch {
  const other = (problem: string): WorkloadMatch => ({ workload: planned.name, runs: 'other', problem })
  const imageOf = ({ name, init }: PlannedContainer): string | undefined =>
    seen.containers.find((each) => each.name === name && each.init === init)?.image
  const isNew = planned.containers.every((each) => imageOf(each) === each.to)
  // A rollback may keep a migrating init container new, because an older one refuses the newer schema.
  const isOld = planned.containers.every(
    (each) =>
      imageOf(each) === each.from ||
      imageOf(each) === undoImage(plan, each) ||
      (each.init && plan.rollback.initContainers === 'keep-new' && imageOf(each) === each.to),
  )
  if (!isOld && !isNew)
    return other(`has ${wordList(planned.containers.map((each) => `${each.name} at ${imageOf(each) ?? 'nothing'}`))}`)
  if (seen.paused) return other('is paused')
  const wanted = wantedNew(seen)
  const isOver = seen.updated >= wanted && seen.total - seen.updated <= seen.desired - wanted
  if (seen.observedGeneration < seen.generation || !isOver) return other('is still rolling')
  if (seen.available < seen.desired) return other(`has ${seen.available} of ${seen.desired} pods available`)
  return { workload: planned.name, runs: isNew && isOld ? 'either' : isNew ? 'new' : 'old', problem: '' }
}

function allRun(workloads: WorkloadMatch[]): Resolution['matches'] {
  const all = (image: 'old' | 'new'): boolean =>
    workloads.length > 0 && workloads.every(({ runs }) => runs === image || runs === 'either')
  if (all('new')) return 'new'
  return all('old') ? 'old' : 'neither'
}
