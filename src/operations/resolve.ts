import type { Kubernetes, WorkloadRef } from '../clients/contracts'
import type { Config } from '../config'
import { resolvedAlert, routesOf, targetsOf } from '../domain/alerts'
import { dataSteps } from '../domain/data-plan'
import { RefitError } from '../domain/errors'
import { type Plan, type PlannedContainer, type PlannedWorkload, undoImage } from '../domain/plan'
import type { RolloutObservation } from '../domain/rollout'
import { wantedNew } from '../domain/rollout-kinds'
import { wordList } from '../domain/text'
import type { ServiceKey, Store, UpgradeRow } from '../store/contracts'
import { heldUpgradeOf } from './resume'

export interface WorkloadMatch {
  workload: string
  /** what all its pods run; `either` when the plan keeps them alike; `other` when neither, or not all are available */
  runs: 'old' | 'new' | 'either' | 'other'
  /** why it is `other`; empty otherwise */
  problem: string
}

/** How a repaired upgrade counts. */
export type RepairOutcome = 'succeeded' | 'rolled-back'

/** What `refit resolve -o json` prints. */
export interface Resolution extends ServiceKey {
  upgradeId: string
  /** which images the whole service runs; `neither` only with --force */
  matches: 'old' | 'new' | 'neither'
  workloads: WorkloadMatch[]
  by: string
  reason: string
  forced: boolean
  /** how it counts, where that was said */
  as: RepairOutcome | null
  /** it counts as succeeded, and has a backfill or a contract that nobody has started */
  dataLeft: boolean
}

interface Request {
  key: ServiceKey
  by: string
  /** whether a login stands behind the name */
  verified?: boolean
  reason: string
  force: boolean
  as?: RepairOutcome | undefined
}

interface Deps {
  store: Pick<Store, 'upgrades' | 'plans' | 'quarantine'>
  kubernetes: Kubernetes
  config: Pick<Config, 'hub' | 'alerts'>
}

/**
 * Records that a person repaired what a held upgrade left, so that scans offer candidates again. The cluster must run
 * all old or all new images (law 9), with `as` the ones that are meant; KUBERNETES_CONFLICT says where it doesn't, unless forced. As
 * `rolled-back` its digest is not offered again. USAGE for force with `as`.
 */
export async function resolve(
  { store, kubernetes, config }: Deps,
  { key, by, verified = false, reason, force, as }: Request,
): Promise<Resolution> {
  if (force && as)
    throw new RefitError('USAGE', `What is forced is not checked to be ${as}.`, 'Leave either --force or --as away.')
  const upgrade = await heldUpgrade(store, key)
  const plan = await store.plans.read(upgrade.planHash)
  const workloads = await Promise.all(plan.workloads.map((workload) => matchOf(kubernetes, plan, workload)))
  const matches = allRun(workloads)
  if (matches === 'neither' && !force)
    throw new RefitError(
      'KUBERNETES_CONFLICT',
      `The cluster runs neither all of ${plan.from.tag} nor all of ${plan.to.tag}: ${workloads.map(({ workload, runs, problem }) => `${workload} ${runs === 'other' ? problem : `runs ${runs === 'either' ? 'what both have' : `the ${runs} image`}`}`).join('; ')}.`,
      'Repair that, or say --force if it is meant to be so.',
    )
  if (as && matches !== 'neither' && !allMatch(workloads, as))
    throw new RefitError(
      'KUBERNETES_CONFLICT',
      `The cluster runs the ${matches} images${matches === 'new' ? `, ${plan.to.tag}` : `, ${plan.from.tag}`}: that is not ${as}.`,
      `Say --as ${as === 'succeeded' ? 'rolled-back' : 'succeeded'}, or bring it to ${as === 'succeeded' ? plan.to.tag : plan.from.tag}.`,
    )
  const said = `${reason} (the cluster runs ${matches === 'neither' ? 'neither the old nor the new images; forced' : `the ${matches} images`})`
  const alert = resolvedAlert({ hub: config.hub, plan, upgradeId: upgrade.id, by, reason: said })
  // First: what is resolved must not be offered again by a scan that runs meanwhile.
  const left = as && leftBy(plan, as)
  if (left?.digest) {
    const { id: upgradeId } = upgrade
    const row = { ...key, digest: left.digest, tag: left.tag, upgradeId }
    await store.quarantine.add({ ...row, reason: `resolved as ${as} by ${by}: ${reason}` })
  }
  const tell = { targets: targetsOf(routesOf(config.alerts), alert), alert }
  await store.upgrades.resolve(upgrade.id, by, said, tell, as, verified)
  return {
    ...{ ...key, upgradeId: upgrade.id, matches, workloads, by, reason, forced: matches === 'neither' },
    ...{ as: as ?? null, dataLeft: as === 'succeeded' && hasData(plan) },
  }
}

/** The version that was given up: the new one, or the one that a rollback by hand led away from. */
function leftBy({ from, to, rollbackOf }: Plan, as: RepairOutcome): { tag: string; digest: string | null } | undefined {
  const gaveUp = rollbackOf === undefined ? 'rolled-back' : 'succeeded'
  if (as !== gaveUp) return undefined
  return rollbackOf === undefined ? to : from
}

const hasData = (plan: Plan): boolean => dataSteps(plan, 'backfill').length + dataSteps(plan, 'contract').length > 0

async function heldUpgrade(store: Pick<Store, 'upgrades'>, key: ServiceKey): Promise<UpgradeRow> {
  const held = await heldUpgradeOf(store, key)
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

const allAt = (workloads: WorkloadMatch[], image: 'old' | 'new'): boolean =>
  workloads.length > 0 && workloads.every(({ runs }) => runs === image || runs === 'either')

/** A service whose workloads the plan all keeps alike counts as either. */
const allMatch = (workloads: WorkloadMatch[], as: RepairOutcome): boolean =>
  allAt(workloads, as === 'succeeded' ? 'new' : 'old')

function allRun(workloads: WorkloadMatch[]): Resolution['matches'] {
  if (allAt(workloads, 'new')) return 'new'
  return allAt(workloads, 'old') ? 'old' : 'neither'
}
