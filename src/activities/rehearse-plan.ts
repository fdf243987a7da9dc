import { urlIn } from '../clients/database-url'
import { createHash } from 'node:crypto'
import { catchUp } from '../clients/migrations/catch-up'
import { type DatabaseSeen, type Production, readDatabase, readProduction } from '../clients/migrations/production'
import { type Rehearsal, rehearse } from '../clients/migrations/rehearse'
import { countViolations } from '../clients/migrations/violations'
import { RefitError } from '../domain/errors'
import { isDeclared } from '../domain/migration'
import { copyObjection } from '../domain/migrations/copy-objection'
import { otherOverrides, type PlannedRehearsal, rehearsalObjection } from '../domain/migrations/planned-rehearsal'
import { sizeBand } from '../domain/migrations/size-band'
import { violationObjection } from '../domain/migrations/violation-objection'
import { canonical, type Plan, type PlanDraft, type PlannedMigration, type KnexMigration } from '../domain/plan'
import { type PlanRefusal, refused } from '../domain/plan-objections'
import type { Store } from '../store/contracts'
import type { Dependencies } from './dependencies'

export interface RehearsalMeans extends Pick<Dependencies, 'environment'> {
  store: Pick<Store, 'rehearsals'>
  signal?: AbortSignal
  /** what may pass by itself is thrown, and tried again */
  waits?: boolean
}

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
    if (means.waits && error instanceof RefitError && error.retryable) throw error
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
  const { database, overrides, directory, files } = migration
  const url = urlOf(means, database, directory)
  if (typeof url !== 'string') return url
  const production = await readProduction(url, `${plan.service.namespace}_${plan.service.name}`)
  const pending = files.filter(({ phase, name }) => isCode(name) && !production.applied.includes(`${phase}/${name}`))
  // A copy falls behind; where there is nothing to rehearse that is no reason to stop.
  if (pending.length === 0) return planned({ verdict: 'light', answer: 'go', files: [] })
  const rehearsal = await onCopy(means, { migration, copyName, production, pending })
  if ('kind' in rehearsal) return rehearsal
  for (const { path, tightens = [] } of rehearsal.files.filter((file) => file.path.startsWith('expand/'))) {
    const objection = violationObjection(path, await countViolations({ url, changes: tightens }), overrides)
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

/** The URL behind a name, which alone is ever said. */
function urlOf({ environment }: RehearsalMeans, name: string, directory: string): string | PlanRefusal {
  const value = urlIn(environment, name)
  if (value && /^postgres(ql)?:\/\//.test(value) && URL.canParse(value)) return value
  return refused(
    `the environment variable ${name} ${value ? 'is no URL of PostgreSQL' : 'is empty'}, so ${directory} can't be rehearsed`,
    'Set it for the worker, and for whoever runs refit plan.',
  )
}

interface Asked {
  migration: KnexMigration
  copyName: string
  production: Production
  pending: KnexMigration['files']
}

/** What was kept under the same conditions; else the copy is compared with production, caught up, and the files run on it. */
async function onCopy(means: RehearsalMeans, asked: Asked): Promise<PlannedRehearsal | PlanRefusal> {
  const { migration, copyName, production } = asked
  const { database, overrides, directory } = migration
  const url = urlOf(means, copyName, directory)
  if (typeof url !== 'string') return url
  if (/[?&]sslmode=(require|verify)/.test(url))
    return refused(
      `the URL in ${copyName} asks for TLS, so ${directory} can't be rehearsed`,
      'Leave sslmode out: the copy is best on the machine of the worker.',
    )
  const copy = await readDatabase(url)
  if (copy.identity === production.identity)
    return refused(
      `the copy (${copyName}) is production itself (${database})`,
      'Give rehearse.copy a database of a throw-away server.',
    )
  return keptOrNew(means, keyOf(asked, copy), async () => {
    const differs = copyObjection(
      { name: copyName, version: copy.version, items: copy.schema.items },
      { name: database, version: production.version, items: production.schema.items },
      overrides,
    )
    const first = differs && (await caughtUp(means, url, asked, copy))
    if (differs && !first) return differs
    return rehearseNow(means, { ...asked, url, first: first ?? [] })
  })
}

/** Refit's own earlier upgrades are no difference that a person has to mend. */
async function caughtUp(
  { signal }: RehearsalMeans,
  url: string,
  { migration: { directory }, production }: Asked,
  copy: DatabaseSeen,
): Promise<string[] | undefined> {
  if (copy.version.split('.')[0] !== production.version.split('.')[0]) return undefined
  const applied = production.applied.filter(isCode)
  return catchUp({
    url,
    directory,
    applied,
    production: production.schema.sha256,
    deadlineMs,
    ...(signal ? { signal } : {}),
  })
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
const isCode = (name: string): boolean => !isDeclared(name)

function keyOf({ migration, production, pending }: Asked, copy: DatabaseSeen): string {
  const bands = Object.fromEntries([...production.sizes].map(([table, rows]) => [table, sizeBand(rows)]))
  return sha256(
    canonical({
      ...{ rules, bands },
      schemas: [production.schema.sha256, copy.schema.sha256],
      files: pending.map(({ phase, name, sha256: content }) => [phase, name, content]),
      versions: [production.version, copy.version],
      helpers: migration.helpers,
      acceptsCopy: migration.overrides?.includes(otherOverrides.copy) ?? false,
    }),
  )
}

async function rehearseNow(
  { signal }: RehearsalMeans,
  { url, migration, pending, production, first }: Asked & { url: string; first: string[] },
): Promise<PlannedRehearsal | PlanRefusal> {
  const { directory } = migration
  const report = await rehearse({
    ...{ url, directory, first, deadlineMs, useExisting: true, list: '', say: () => undefined },
    sizes: production.sizes,
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
