import { dataSteps, filesByKind, hasSameData } from '../domain/data-plan'
import { RefitError } from '../domain/errors'
import type { Plan } from '../domain/plan'
import { serviceId } from '../domain/service'
import { dataWorkflowId } from '../domain/temporal-names'
import type { DataRow, ServiceKey, Store, UpgradeEvent, UpgradeRow } from '../store/contracts'
import { type BackfillStanding, standingOf } from './data-progress'
import type { HubTemporal } from './temporal'

/** What `refit data status SERVICE -o json` prints. */
export interface DataDetail {
  run: DataRow
  from: string
  /** of the plan: its files by phase */
  backfill: string[]
  contract: string[]
  /** how far each declared backfill is, by the checkpoint in its database */
  progress: BackfillStanding[]
  events: UpgradeEvent[]
  next: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** The newest data workflow of each service. */
export const dataRuns = (store: Pick<Store, 'data'>): Promise<DataRow[]> => store.data.list()

/** The open data workflow of a service, else its newest. UPGRADE_UNKNOWN when there was none. */
export async function dataDetail(
  { store, environment }: { store: Pick<Store, 'data' | 'plans' | 'upgrades'>; environment: Environment },
  key: ServiceKey,
): Promise<DataDetail> {
  const run = await store.data.latest(key)
  if (!run) throw noneYet(key)
  const plan = await store.plans.read(run.planHash)
  const events = await store.upgrades.events(run.upgradeId)
  const of = (phase: 'backfill' | 'contract'): string[] =>
    dataSteps(plan, phase).flatMap(({ index }) => namesOf(plan, index, phase))
  return {
    run,
    from: plan.from.tag,
    ...{ backfill: of('backfill'), contract: of('contract') },
    progress: await standingOf(plan, environment),
    // Those of the run, and whatever was said of it: its kinds are the upgrade's.
    events: events.filter(({ at }) => at >= run.startedAt),
    next: nextOf(run),
  }
}

function namesOf(plan: Plan, index: number, phase: 'backfill' | 'contract'): string[] {
  const migration = plan.migrations[index]
  if (migration?.kind !== 'knex') return []
  const { code, declared } = filesByKind(migration, phase)
  return [...code, ...declared].map(({ name }) => `${migration.directory}/${phase}/${name}`)
}

/** The one command that comes next. */
export function nextOf({ namespace, service, phase, outcome, planHash, waitingFor }: DataRow): string {
  const id = `${namespace}/${service}`
  if (outcome === 'succeeded') return 'nothing'
  if (outcome) return `refit data start ${id}`
  if (waitingFor.startsWith('a resume')) return `refit data resume ${id}`
  if (phase === 'approval') return `refit data approve ${id} --plan ${planHash}`
  return `refit data status ${id}, or refit data pause ${id} --reason TEXT`
}

export interface StartedData extends ServiceKey {
  upgradeId: string
  planHash: string
  to: string
  workflowId: string
  next: string
}

const lookedAt = 50

/**
 * Starts the data workflow of the last succeeded upgrade anew, where it was held, stopped, or refused because an earlier
 * one ran. APPROVAL_REFUSED while one runs or when everything is done, UPGRADE_UNKNOWN when no upgrade has any data.
 */
export async function startData(
  { store, temporal }: { store: Store; temporal: HubTemporal },
  key: ServiceKey,
  { by, verified }: { by: string; verified: boolean },
): Promise<StartedData> {
  const { namespace, service } = key
  const id = serviceId({ namespace, name: service })
  const found = await lastWithData(store, key)
  if (!found)
    throw new RefitError(
      'UPGRADE_UNKNOWN',
      `No succeeded upgrade of ${id} has a backfill or a contract.`,
      `refit history ${id} lists its upgrades.`,
    )
  const { upgrade, plan } = found
  const done = await store.data.lastSucceeded(key)
  if (done && hasSameData(await store.plans.read(done.planHash), plan))
    throw new RefitError('APPROVAL_REFUSED', `The data of ${id} is done (${done.id}).`, 'Nothing to do.')
  const workflowId = dataWorkflowId(namespace, service)
  const input = { upgradeId: upgrade.id, planHash: upgrade.planHash }
  if (!(await temporal.startData(workflowId, input)))
    throw new RefitError(
      'APPROVAL_REFUSED',
      `The data workflow of ${id} runs already.`,
      `refit data status ${id} says where it stands.`,
    )
  const message = `data workflow started by ${by}`
  const at = `data-started/${Date.now()}`
  await store.upgrades.record({
    ...{ upgradeId: upgrade.id, key: at, phase: upgrade.phase, kind: 'data-started', message, by, verified },
  })
  const next = `refit data status ${id}`
  return { namespace, service, ...input, to: upgrade.toTag, workflowId, next }
}

async function lastWithData(
  store: Pick<Store, 'upgrades' | 'plans'>,
  key: ServiceKey,
): Promise<{ upgrade: UpgradeRow; plan: Plan } | undefined> {
  for (const upgrade of await store.upgrades.list({ ...key, limit: lookedAt })) {
    if (upgrade.outcome !== 'succeeded') continue
    const plan = await store.plans.read(upgrade.planHash)
    if (dataSteps(plan, 'backfill').length + dataSteps(plan, 'contract').length > 0) return { upgrade, plan }
  }
  return undefined
}

/** No data workflow has run for this service. */
export function noneYet(key: ServiceKey): RefitError {
  const id = serviceId({ namespace: key.namespace, name: key.service })
  return new RefitError(
    'UPGRADE_UNKNOWN',
    `No data workflow of ${id} has run.`,
    'One starts by itself after an upgrade that has files in backfill/ or contract/ has succeeded.',
  )
}
