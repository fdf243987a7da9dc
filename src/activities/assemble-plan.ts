import { helpersHash, listMigrationFiles } from '../clients/knex-migrations'
import { policyFor } from '../config'
import type { Candidate } from '../domain/decision'
import { makePlan, type PlanDraft } from '../domain/plan'
import type { Policy } from '../domain/policy'
import { serviceId, type Service } from '../domain/service'
import type { MigrationFile } from '../domain/plan'
import type { Dependencies } from './dependencies'
import { imageAnswers, type ImageMeans } from './image-answers'
import { rehearsedPlan, type RehearsalMeans } from './rehearse-plan'
import { jobsRehearsed, type JobRehearsalMeans } from './rehearse-jobs'

export interface Assembled {
  draft: PlanDraft
  /** as it runs now; undefined when it isn't deployed */
  service: Service | undefined
}

/** Reads what runs now and makes the plan for it from today's configuration. The same inputs give the same plan, so preflight compares hashes. */
export async function assemblePlan(
  deps: Pick<Dependencies, 'config' | 'kubernetes'> & ImageMeans & RehearsalMeans & JobRehearsalMeans,
  { namespace, service: name, candidate }: { namespace: string; service: string; candidate: Candidate },
): Promise<Assembled> {
  const services = await deps.kubernetes.observeServices([namespace])
  const service = services.find((each) => each.name === name)
  if (!service)
    return {
      service,
      draft: { kind: 'refused', reason: `${namespace}/${name} is not deployed any more`, next: 'Nothing to do.' },
    }
  return { service, draft: await draftPlan(deps, service, candidate) }
}

/** The plan for a service that was observed already. */
export async function draftPlan(
  deps: Pick<Dependencies, 'config'> & ImageMeans & RehearsalMeans & JobRehearsalMeans,
  service: Service,
  candidate: Candidate,
): Promise<PlanDraft> {
  const { config } = deps
  const policy = policyFor(config, service.namespace, service.repository)
  if (!policy)
    return { kind: 'refused', reason: `no policy selects ${serviceId(service)}`, next: 'Add one to refit.yaml.' }
  const draft = makePlan({
    ...{ hub: config.hub, service, policy, candidate },
    migrationFiles: await filesOf(policy),
    imageAnswers: await imageAnswers(deps, { service, policy, candidate }),
  })
  return jobsRehearsed(deps, await rehearsedPlan(deps, await withHelpers(draft)))
}

/** What a file loads is approved with it. */
async function withHelpers(draft: PlanDraft): Promise<PlanDraft> {
  if (draft.kind === 'refused') return draft
  const { plan } = draft
  const migrations = plan.migrations.map(async (migration) => {
    const helpers = migration.kind === 'knex' ? await helpersHash(migration.directory) : undefined
    return helpers === undefined ? migration : { ...migration, helpers }
  })
  return { kind: 'plan', plan: { ...plan, migrations: await Promise.all(migrations) } }
}

async function filesOf(policy: Policy): Promise<Record<string, MigrationFile[]>> {
  const files: Record<string, MigrationFile[]> = {}
  for (const migration of policy.migrations)
    if (migration.kind === 'knex') files[migration.directory] = await listMigrationFiles(migration.directory)
  return files
}
