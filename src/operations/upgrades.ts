import { heldAdvice, type HeldAdvice } from '../domain/held'
import { RefitError } from '../domain/errors'
import type { Diagnosis } from '../domain/diagnosis'
import { explainPlan } from '../domain/explain-plan'
import type { Plan } from '../domain/plan'
import { upgradeWorkflowId, workflowPage } from '../domain/temporal-names'
import type { HealthSample, Page, Store, UpgradeEvent, UpgradeFilter, UpgradeRow } from '../store/contracts'
import { cursorOf, idIn } from './cursor'
import { type ShownApproval, shownApproval } from './shown-approval'

export type { HealthSample, Page, UpgradeFilter, UpgradeRow }

/** Everything that is kept of one upgrade, as the page shows it. */
export interface UpgradeDetail {
  upgrade: UpgradeRow
  /** oldest first */
  events: UpgradeEvent[]
  /** what was seen of failures before they were undone, oldest first */
  diagnoses: Diagnosis[]
  /** as people read it before they answer */
  plan: { hash: string; lines: string[]; body: Plan } | null
  approval: ShownApproval | null
  /** oldest first */
  samples: HealthSample[]
  /** the open or newest release that it belongs to */
  release: string | null
  temporal: { workflowId: string; url: string | null }
  /** what to do, while it is held and not resolved */
  held: HeldAdvice | null
}

interface Deps {
  store: Pick<Store, 'upgrades' | 'plans' | 'diagnoses' | 'votes' | 'healthSamples'> & {
    releases: Pick<Store['releases'], 'of'>
  }
  config: { temporalUi?: string | undefined }
}

/** A part of the hub's upgrades, newest first. USAGE for a cursor that is none. */
export async function upgradePage(
  { store }: { store: Pick<Store, 'upgradePages'> },
  filter: UpgradeFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ upgrades: UpgradeRow[]; next: string | null }> {
  const { rows, next } = await store.upgradePages.page(filter, { limit, after: idIn(cursor) })
  return { upgrades: rows, next: cursorOf(next) }
}

/** Everything that is kept of one upgrade. UPGRADE_UNKNOWN when there is none of that id. */
export async function upgradeDetail(
  { store, config }: Deps,
  id: string,
  { temporalNamespace }: { temporalNamespace: string | null },
): Promise<UpgradeDetail> {
  const upgrade = await knownUpgrade(store, id)
  const { namespace, service, planHash } = upgrade
  const [events, diagnoses, plan, votes, samples, release] = await Promise.all([
    store.upgrades.events(id),
    store.diagnoses.list(id),
    store.plans.read(planHash),
    store.votes.list(id),
    store.healthSamples.list(id),
    store.releases.of(id),
  ])
  const workflowId = upgradeWorkflowId(namespace, service)
  const isHeld = upgrade.outcome === 'held' && !events.some(({ kind }) => kind === 'resolved')
  return {
    ...{ upgrade, events, diagnoses, samples, release },
    plan: { hash: planHash, lines: explainPlan(plan, planHash), body: plan },
    approval: shownApproval(plan, { events, votes }),
    temporal: {
      workflowId,
      url:
        config.temporalUi !== undefined && temporalNamespace !== null
          ? workflowPage(config.temporalUi, temporalNamespace, workflowId)
          : null,
    },
    held: isHeld ? heldAdvice({ namespace, service, id, reason: upgrade.heldReason }) : null,
  }
}

/** UPGRADE_UNKNOWN when there is none of that id. */
export async function knownUpgrade(
  { upgrades }: { upgrades: Pick<Store['upgrades'], 'read'> },
  id: string,
): Promise<UpgradeRow> {
  const upgrade = await upgrades.read(id)
  if (!upgrade) throw new RefitError('UPGRADE_UNKNOWN', `There is no upgrade ${id}.`, 'refit history lists them.')
  return upgrade
}
