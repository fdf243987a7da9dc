import { explainPlan } from '../domain/explain-plan'
import type { Diagnosis } from '../domain/diagnosis'
import { isWrite } from '../domain/event'
import type { Plan } from '../domain/plan'
import type { Store, UpgradeEvent, UpgradeRow } from '../store/contracts'
import { shownApproval, type ShownApproval } from './shown-approval'
import { knownUpgrade } from './upgrades'

/** What `refit report UPGRADE -o json` prints: everything that an auditor asks of one upgrade. */
export interface UpgradeReport {
  hub: { name: string; environment: string }
  /** when this was put together */
  madeAt: Date
  upgrade: UpgradeRow
  release: string | null
  /** who asked for it, and why; `refit` where no person did */
  request: { by: string; verified: boolean; reason: string; at: Date; ticket: string | null }
  plan: { hash: string; policy: string; mode: string; lines: string[] }
  evidence: {
    /** checks and migrations that went well before, and while, it ran */
    checks: { at: Date; phase: string; kind: string; message: string }[]
    /** what was seen of failures before they were undone */
    diagnoses: Diagnosis[]
    /** Jobs whose last lines are kept: refit history --upgrade ID --logs */
    logs: { step: string; at: Date; characters: number }[]
    /** how often the state of its pods was recorded */
    samples: number
  }
  approval: ShownApproval
  /** oldest first */
  timeline: UpgradeEvent[]
  outcome: {
    /** null: it runs */
    kind: UpgradeRow['outcome']
    message: string
    endedAt: Date | null
    resolvedAs: UpgradeRow['resolvedAs'] | null
    /** whether anything was written to the hub or its databases */
    wrote: boolean
  }
}

interface Deps {
  store: Pick<Store, 'upgrades' | 'plans' | 'votes' | 'diagnoses' | 'jobLogs' | 'healthSamples'> & {
    releases: Pick<Store['releases'], 'of'>
  }
  config: { hub: { name: string; environment: string } }
}

const evidenceKinds = new Set(['migrated', 'checked', 'check-failed', 'canary', 'ready', 'backfill', 'contract'])

/** Everything on record about one upgrade, from the store alone. UPGRADE_UNKNOWN when there is none of that id. */
export async function upgradeReport({ store, config }: Deps, id: string, now: Date): Promise<UpgradeReport> {
  const upgrade = await knownUpgrade(store, id)
  const [events, plan, votes, diagnoses, logs, samples, release] = await Promise.all([
    store.upgrades.events(id),
    store.plans.read(upgrade.planHash),
    store.votes.list(id),
    store.diagnoses.list(id),
    store.jobLogs.list(id),
    store.healthSamples.list(id),
    store.releases.of(id),
  ])
  const approval = shownApproval(plan, { events, votes })
  const { name, environment } = config.hub
  return {
    ...{ hub: { name, environment }, madeAt: now, upgrade, release },
    request: requestOf(upgrade, plan, { events, ticket: approval.ticket }),
    plan: {
      ...{ hash: upgrade.planHash, policy: plan.policy.name, mode: plan.policy.mode },
      lines: explainPlan(plan, upgrade.planHash),
    },
    evidence: {
      checks: events
        .filter(({ kind }) => evidenceKinds.has(kind))
        .map(({ at, phase, kind, message }) => ({ at, phase, kind, message })),
      diagnoses,
      logs: logs.map(({ step, at, log }) => ({ step, at, characters: log.length })),
      samples: samples.length,
    },
    approval,
    timeline: events,
    outcome: {
      ...{ kind: upgrade.outcome, message: upgrade.message, endedAt: upgrade.endedAt },
      ...{ resolvedAs: upgrade.resolvedAs ?? null, wrote: events.some(({ kind }) => isWrite(kind)) },
    },
  }
}

function requestOf(
  { startedAt, toTag }: UpgradeRow,
  plan: Plan,
  { events, ticket }: { events: readonly UpgradeEvent[]; ticket: string | null },
): UpgradeReport['request'] {
  const asked = events.find(({ kind, by }) => kind === 'requested' && by !== null)
  if (asked) return { by: asked.by ?? '', verified: asked.verified, reason: asked.message, at: asked.at, ticket }
  const reason = `a scan found ${toTag}, which policy ${plan.policy.name} offers`
  return { by: 'refit', verified: true, reason, at: startedAt, ticket }
}
