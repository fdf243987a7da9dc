import { urlIn } from '../clients/database-url'
import { createHash } from 'node:crypto'
import { copyFingerprint } from '../clients/migrations/job-copy'
import { rehearseJob } from '../clients/migrations/rehearse-job'
import { RefitError } from '../domain/errors'
import { jobRehearsalObjection, type JobRehearsal } from '../domain/migrations/job-rehearsal'
import { canonical, type Plan, type PlanDraft, type PlannedMigration, type JobMigration } from '../domain/plan'
import { type PlanRefusal, refused } from '../domain/plan-objections'
import { labelKeys } from '../domain/service'
import type { Dependencies } from './dependencies'
import { pause } from './failures'

/** What rehearsals of Jobs act through. */
export interface JobRehearsalMeans extends Pick<Dependencies, 'kubernetes' | 'environment'> {
  store: Pick<Dependencies['store'], 'jobRehearsals'>
  /** false where nothing may be written: a plan then has what is known already */
  rehearsesJobs?: boolean
}

/** A change of how they are judged: what was kept before is rehearsed anew. */
const rules = 1
const deadlineMs = 300_000

/**
 * The plan with what the rehearsals of its Jobs said, or why it can't go on. Each image is rehearsed once on the same
 * schema; one of which nothing is pending needs none. Throws what may pass by itself.
 */
export async function jobsRehearsed(means: JobRehearsalMeans, draft: PlanDraft): Promise<PlanDraft> {
  if (draft.kind === 'refused') return draft
  const migrations: PlannedMigration[] = []
  for (const migration of draft.plan.migrations) {
    const done = migration.kind === 'job' ? await rehearsed(means, draft.plan, migration) : migration
    if (done.kind === 'refused') return done
    migrations.push(done)
  }
  return { kind: 'plan', plan: { ...draft.plan, migrations } }
}

async function rehearsed(
  means: JobRehearsalMeans,
  plan: Plan,
  migration: JobMigration,
): Promise<JobMigration | PlanRefusal> {
  if (!migration.rehearse || migration.pending?.length === 0) return migration
  const { copy: place } = migration.rehearse
  const copyUrl = urlIn(means.environment, place)
  const objection = copyObjection(means, migration, copyUrl)
  if (objection || !copyUrl) return objection ?? refused(`${place} is empty`, 'Set it for the worker.')
  try {
    const rehearsal = await known(means, plan, migration, copyUrl)
    if (!rehearsal) return migration
    const { overrides } = migration
    const hasWindows = plan.policy.windows.length > 0
    return jobRehearsalObjection(rehearsal, { overrides, hasWindows }) ?? { ...migration, rehearsal }
  } catch (error) {
    if (!(error instanceof RefitError) || error.retryable) throw error
    return refused(`its migrations can't be rehearsed: ${error.message.replace(/\.$/, '')}`, error.next)
  }
}

function copyObjection(
  { environment }: JobRehearsalMeans,
  { rehearse, database }: JobMigration,
  copyUrl: string | undefined,
): PlanRefusal | undefined {
  const place = rehearse?.copy ?? ''
  if (!copyUrl || !URL.canParse(copyUrl))
    return refused(
      `the environment variable ${place} ${copyUrl ? 'is no address' : 'is empty'}, so the image's migrations can't be rehearsed`,
      'Set it for the worker, and for whoever runs refit plan.',
    )
  const production = urlIn(environment, database)
  if (production && URL.canParse(production) && whereOf(production) === whereOf(copyUrl))
    return refused(
      `the copy (${place}) is production itself (${database})`,
      'Give rehearse.copy a database of a throw-away server.',
    )
  return undefined
}

/** Whoever logs in. */
function whereOf(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url)
  const usual = protocol.startsWith('postgres') ? 5432 : 3306
  return `${hostname.toLowerCase().replace(/\.$/, '')} ${port || usual} ${pathname}`
}

/** From the store, or by running it now; undefined where that must not be done. */
async function known(
  means: JobRehearsalMeans,
  plan: Plan,
  migration: JobMigration,
  copyUrl: string,
): Promise<JobRehearsal | undefined> {
  const { image, command, rehearse } = migration
  const { version, sha256 } = await copyFingerprint(copyUrl)
  const key = hash(canonical({ rules, image, command, env: rehearse?.env, version, schema: sha256 }))
  const earlier = await means.store.jobRehearsals.read(key)
  if (earlier || means.rehearsesJobs === false || plan.policy.mode === 'watch') return earlier
  const rehearsal = await rehearseJob(means.kubernetes, {
    ...{ copyUrl, place: rehearse?.copy ?? '', sizes: new Map(), say: () => undefined, pause },
    job: {
      ...{ namespace: plan.service.namespace, image, command, like: migration.like, env: rehearse?.env ?? '' },
      deadlineMs: Math.min(migration.deadlineMs, deadlineMs),
      labels: { [labelKeys.service]: plan.service.name.slice(0, 63) },
    },
  })
  // What fails is tried again with the next plan: a copy may have been away.
  if (rehearsal.verdict !== 'fails') await means.store.jobRehearsals.save(key, rehearsal)
  return rehearsal
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
