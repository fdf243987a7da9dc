import { createHash } from 'node:crypto'
import { type Production, readDatabase, readProduction } from '../clients/migrations/production'
import { type Rehearsal, rehearse } from '../clients/migrations/rehearse'
import { countViolations } from '../clients/migrations/violations'
import { RefitError } from '../domain/errors'
import { copyObjection } from '../domain/migrations/copy-objection'
import { type PlannedRehearsal, rehearsalObjection } from '../domain/migrations/planned-rehearsal'
import { sizeBand } from '../domain/migrations/size-band'
import { violationObjection } from '../domain/migrations/violation-objection'
import { canonical, type Plan, type PlanDraft, type PlannedMigration } from '../domain/plan'
import { type PlanRefusal, refused } from '../domain/plan-objections'
import type { Store } from '../store/contracts'
import type { Dependencies } from './dependencies'

export interface RehearsalMeans extends Pick<Dependencies, 'environment'> {
  store: Pick<Store, 'rehearsals'>
  signal?: AbortSignal
}

type KnexMigration = Extract<PlannedMigration, { kind: 'knex' }>

/** A change of how files are judged; what was kept before is rehearsed anew. */
const rules = 1
const deadlineMs = 60_000

/**
 * The plan with what the rehearsal of its knex migrations said, or why it can't go on: each file that is not applied yet
 * runs on copies first, unless that was done under the same conditions, and rows of production that would break a new rule
 * are counted. The same conditions give the same plan.
 */
export async function rehearsedPlan(means: RehearsalMeans, draft: PlanDraft): Promise<PlanDraft> {
  if (draft.kind === 'refused') return draft
  const { plan } = draft
  const migrations: PlannedMigration[] = []
  for (const migration of plan.migrations) {
    const done = migration.kind === 'knex' ? await rehearsed(means, plan, migration) : migration
    if (done.kind === 'refused') return done
    migrations.push(done)
  }
  return { kind: 'plan', plan: { ...plan, migrations } }
}

async function rehearsed(
  means: RehearsalMeans,
  plan: Plan,
  migration: KnexMigration,
): Promise<KnexMigration | PlanRefusal> {
  if (!migration.rehearse) return unattended(plan, migration) ?? migration
  try {
    const rehearsal = await rehearsalOf(means, plan, migration, migration.rehearse.copy)
    return 'kind' in rehearsal ? rehearsal : { ...migration, rehearsal }
  } catch (error) {
    means.signal?.throwIfAborted()
    if (!(error instanceof RefitError) || !['DATABASE_UNAVAILABLE', 'USAGE'].includes(error.code)) throw error
    return refused(
      `the migrations of ${migration.directory} can't be rehearsed: ${error.message.replace(/\.$/, '')}`,
      error.code === 'USAGE' ? error.next : 'The next scan tries again.',
    )
  }
}

/** Nobody has seen what these files do, and nobody would be asked. */
function unattended({ policy }: Plan, { directory, files }: KnexMigration): PlanRefusal | undefined {
  if (policy.mode !== 'automatic' || policy.approval.required > 0 || files.every(({ name }) => !isCode(name)))
    return undefined
  return refused(
    `the migrations of ${directory} are not rehearsed, and nobody is asked before they run`,
    `Write rehearse: { copy: … } beside them in refit.yaml, or approval: { required: 1 } in policy ${policy.name}.`,
  )
}

async function rehearsalOf(
  means: RehearsalMeans,
  plan: Plan,
  migration: KnexMigration,
  copyName: string,
): Promise<PlannedRehearsal | PlanRefusal> {
  const { environment } = means
  const { database, overrides, directory } = migration
  const url = environment[database]?.trim()
  const copyUrl = environment[copyName]?.trim()
  for (const [name, value] of [[database, url] as const, [copyName, copyUrl] as const])
    if (!value || !/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value))
      return refused(
        `the environment variable ${name} ${value ? 'is no URL of PostgreSQL' : 'is empty'}, so ${directory} can't be rehearsed`,
        'Set it for the worker, and for whoever runs refit plan.',
      )
  if (!url || !copyUrl || /[?&]sslmode=(require|verify)/.test(copyUrl))
    return refused(
      `the URL in ${copyName} asks for TLS, so ${directory} can't be rehearsed`,
      'Leave sslmode out: the copy is best on the machine of the worker.',
    )

  const production = await readProduction(url, `${plan.service.namespace}_${plan.service.name}`)
  const copy = await readDatabase(copyUrl)
  if (copy.identity === production.identity)
    return refused(
      `the copy (${copyName}) is production itself (${database})`,
      'Give rehearse.copy a database of a throw-away server.',
    )
  const differs = copyObjection(
    { name: copyName, version: copy.version, items: copy.schema.items },
    { name: database, version: production.version, items: production.schema.items },
    overrides,
  )
  if (differs) return differs

  const pending = migration.files.filter(
    ({ phase, name }) => isCode(name) && !production.applied.includes(`${phase}/${name}`),
  )
  const rehearsal = await keptOrNew(means, keyOf(pending, copy, production), () =>
    rehearseNow(means, { copyUrl, directory, pending }, production),
  )
  if ('kind' in rehearsal) return rehearsal

  const counted = rehearsal.files.filter(({ path }) => path.startsWith('expand/'))
  for (const { path, tightens = [] } of counted) {
    const violations = await countViolations({ url, changes: tightens })
    const objection = violationObjection(path, violations, overrides)
    if (objection) return objection
  }
  return (
    rehearsalObjection(rehearsal, {
      overrides,
      hasWindows: plan.policy.windows.length > 0,
      asksBeforeContract: (migration.contract?.approval?.required ?? 0) > 0,
    }) ?? rehearsal
  )
}

async function keptOrNew(
  { store }: RehearsalMeans,
  key: string,
  rehearseAnew: () => Promise<PlannedRehearsal | PlanRefusal>,
): Promise<PlannedRehearsal | PlanRefusal> {
  const kept = await store.rehearsals.read(key)
  if (kept) return kept
  const made = await rehearseAnew()
  if (!('kind' in made)) await store.rehearsals.save(key, made)
  return made
}

/** Declared backfills hold no code: they need no rehearsal. */
const isCode = (name: string): boolean => !/\.ya?ml$/.test(name)

function keyOf(
  pending: KnexMigration['files'],
  copy: { version: string; schema: { sha256: string } },
  { sizes }: Production,
): string {
  const bands = Object.fromEntries([...sizes].map(([table, rows]) => [table, sizeBand(rows)]))
  const files = pending.map(({ phase, name, sha256 }) => [phase, name, sha256])
  return sha256(canonical({ rules, files, copy: copy.schema.sha256, version: copy.version, bands }))
}

async function rehearseNow(
  { signal }: RehearsalMeans,
  { copyUrl, directory, pending }: { copyUrl: string; directory: string; pending: KnexMigration['files'] },
  { sizes }: Production,
): Promise<PlannedRehearsal | PlanRefusal> {
  if (pending.length === 0) return planned({ verdict: 'light', answer: 'go', files: [] })
  const report = await rehearse({
    ...{ url: copyUrl, directory, sizes, deadlineMs, useExisting: true, list: '', say: () => undefined },
    only: pending.map(({ phase, name }) => `${phase}/${name}`),
    ...(signal ? { signal } : {}),
  })
  const changed = report.files.find(
    ({ path, sha256: now }) => pending.find(({ phase, name }) => `${phase}/${name}` === path)?.sha256 !== now,
  )
  if (changed)
    return refused(`${directory}/${changed.path} changed while it was rehearsed`, 'Run refit scan once it is still.')
  return planned({
    verdict: report.verdict,
    answer: report.answer,
    files: report.files.map(plannedFile),
    ...(report.isFaithful ? {} : { isFaithful: false as const }),
  })
}

/** Without the statements: their texts may hold a time. */
function plannedFile(file: Rehearsal['files'][number]): PlannedRehearsal['files'][number] {
  const { path, verdict, answer, transaction, schema, findings, tightens } = file
  return {
    ...{ path, verdict, answer, ...schema },
    ...(transaction === undefined ? {} : { transaction }),
    ...(findings.length === 0
      ? {}
      : {
          findings: findings.map(({ rule, table, why, safe, answer: one }) => ({
            ...{ rule, why: why.replace(/refit_rehearsal_[0-9a-f]+/g, 'the copy'), answer: one },
            ...(table === undefined ? {} : { table }),
            ...(safe === undefined ? {} : { safe }),
          })),
        }),
    ...(tightens.length === 0 ? {} : { tightens }),
  }
}

const planned = (said: Omit<PlannedRehearsal, 'digest'>): PlannedRehearsal => ({
  ...said,
  digest: sha256(canonical(said)),
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
