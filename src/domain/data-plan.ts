import { isDeclared, type DataPhase } from './migration'
import { approvalRulesOf, canonical, type Plan, type KnexMigration } from './plan'
import type { BackupRule, ContractApproval } from './policy'
import type { SchemaUser } from './schema-users'
import { wordList } from './text'
import type { UpgradeRules } from './votes'

/** One migration source's part of a data phase; `index` is its place among the plan's migrations. */
export interface DataStep {
  index: number
  title: string
}

const knexOf = (plan: Pick<Plan, 'migrations'>): [number, KnexMigration][] =>
  [...plan.migrations.entries()].filter((entry): entry is [number, KnexMigration] => entry[1].kind === 'knex')

const filesOf = ({ files }: KnexMigration, phase: DataPhase): KnexMigration['files'] =>
  files.filter((file) => file.phase === phase)

/** What a phase of a plan's data is made of, in order. */
export const dataSteps = (plan: Pick<Plan, 'migrations'>, phase: DataPhase): DataStep[] =>
  knexOf(plan).flatMap(([index, migration]) =>
    filesOf(migration, phase).length > 0 ? [{ index, title: `${phase} ${migration.directory}` }] : [],
  )

/** The backfills that must be proven done before the rollout. */
export const backfillsBefore = (plan: Pick<Plan, 'migrations'>): DataStep[] =>
  dataSteps(plan, 'backfill').filter(({ index }) => {
    const migration = plan.migrations[index]
    return migration?.kind === 'knex' && migration.backfill === 'before'
  })

/** The sources whose contract is still to come. */
const contracting = (plan: Pick<Plan, 'migrations'>): KnexMigration[] =>
  knexOf(plan)
    .map(([, migration]) => migration)
    .filter((migration) => filesOf(migration, 'contract').length > 0)

/**
 * Who must say yes to a contract: the strictest of what its sources ask; undefined where nobody is asked. A problem, in
 * words, where no person could satisfy all of them.
 */
export function contractRules(
  plan: Pick<Plan, 'migrations' | 'policy'>,
): UpgradeRules | { problem: string } | undefined {
  const asked = contracting(plan)
    .map(({ contract }) => contract?.approval)
    .filter((each): each is ContractApproval => each !== undefined && each.required > 0)
  if (asked.length === 0) return undefined
  const limited = asked.map(({ groups }) => groups).filter((groups) => groups.length > 0)
  const groups = limited.length > 0 ? limited.reduce((a, b) => a.filter((group) => b.includes(group))) : []
  if (limited.length > 0 && groups.length === 0)
    return { problem: `its migrations ask for approvals of contract by different groups: ${wordList(limited.flat())}` }
  return {
    approval: {
      required: Math.max(...asked.map(({ required }) => required)),
      expiresMs: Math.min(...asked.map(({ expiresMs }) => expiresMs)),
      ...{ escalateMs: 0, makerChecker: false, groups },
      unverified: approvalRulesOf(plan).unverified,
    },
  }
}

/** Every service that must be past the plan's contract: those that the policy names, and the service itself. */
export function schemaUsers(plan: Pick<Plan, 'migrations' | 'policy' | 'service' | 'to'>): SchemaUser[] {
  const { namespace, name } = plan.service
  const own: SchemaUser = {
    service: `${namespace}/${name}`,
    past: { from: plan.to.tag, digest: plan.to.digest, strategy: plan.policy.strategy ?? 'major' },
  }
  const others = contracting(plan).flatMap(({ contract }) => contract?.users ?? [])
  return [own, ...others.map(({ service, version }) => ({ service, past: { range: version } }))]
}

/** The proofs of backups that a contract needs, each once. */
export function contractBackups(plan: Pick<Plan, 'migrations'>): BackupRule[] {
  const rules = contracting(plan).flatMap(({ backup }) => (backup ? [backup] : []))
  return [...new Map(rules.map((rule) => [canonical(rule), rule])).values()]
}

/** Files of a phase that are code, and those that declare a backfill; each in order. */
export function filesByKind(migration: KnexMigration, phase: DataPhase) {
  const files = filesOf(migration, phase)
  return {
    code: files.filter(({ name }) => !isDeclared(name)),
    declared: files.filter(({ name }) => isDeclared(name)),
  }
}

/** Whether everything that `later` would do to its data is what `earlier` does, file for file. */
export const hasSameData = (earlier: Pick<Plan, 'migrations'>, later: Pick<Plan, 'migrations'>): boolean =>
  dataOf(earlier) === dataOf(later)

const dataOf = (plan: Pick<Plan, 'migrations'>): string =>
  canonical(
    knexOf(plan)
      .map(([, migration]) => ({
        ...{ directory: migration.directory, database: migration.database },
        files: [...filesByKind(migration, 'backfill').code, ...filesByKind(migration, 'backfill').declared].concat(
          filesOf(migration, 'contract'),
        ),
      }))
      .filter(({ files }) => files.length > 0),
  )

/**
 * Why a later plan must wait for a data workflow that runs, in words; undefined when it may go on. Only migrations on a
 * database that the running one still works on are a reason, and only where they are others than its own.
 */
export function waitsForData(running: Plan, later: Plan): string | undefined {
  const busy = knexOf(running)
    .map(([, migration]) => migration)
    .filter((migration) => migration.files.some(({ phase }) => phase !== 'expand'))
  const isSameService = canonical(running.service) === canonical(later.service)
  for (const migration of later.migrations) {
    const same = busy.filter(({ database }) => database === migration.database)
    if (migration.kind === 'job') {
      // What a command does where nobody said is best not done beside a backfill of the same service.
      const meets = same[0] ?? (migration.database === undefined && isSameService ? busy[0] : undefined)
      if (meets && migration.pending?.length !== 0) return onDatabase(running, meets)
      continue
    }
    const [meets] = same
    const isUnchanged = same.some(
      ({ directory, files }) =>
        directory === migration.directory && isSameService && canonical(files) === canonical(migration.files),
    )
    if (meets && !isUnchanged) return onDatabase(running, meets)
  }
  return undefined
}

const onDatabase = ({ service, to }: Plan, { database }: KnexMigration): string =>
  `data workflow of ${service.namespace}/${service.name} ${to.tag}, which works on ${database}`
