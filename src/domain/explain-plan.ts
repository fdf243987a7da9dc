import { gitopsWords } from './gitops'
import { rehearsalLines } from './migrations/rehearsal-words'
import { imageWords } from './migrations/image-words'
import { jobRehearsalWords } from './migrations/job-rehearsal'
import { checkWords } from './health-check'
import { hasMigrator } from './migrations/restart-answer'
import type { WindowRule } from './policy'
import { canonical, type Plan, type PlannedMigration, type PlannedWorkload, type JobMigration } from './plan'
import { durationWords, wordList } from './text'

/** The plan in words, one line each, for the CLI and for alerts. Nothing in it that the plan doesn't bind. */
export function explainPlan(plan: Plan, hash: string): string[] {
  const { hub, service, from, to, workloads, migrations, policy, rollback } = plan
  return [
    `plan ${hash} of hub ${hub.name} (${hub.environment})`,
    `${service.namespace}/${service.name}: ${from.tag} → ${to.tag}`,
    `image ${service.repository}:${to.tag}@${to.digest}${from.digest ? `, now ${from.digest}` : ''}`,
    ...(policy.signatures ? [`signed by: ${policy.signatures.join(' or ')}`] : []),
    ...migrations.flatMap((migration, index) => [
      `migration ${index + 1}: ${migrationWords(migration)}`,
      ...checkedLines(migration).map((line) => `  ${line}`),
    ]),
    ...workloads.map((workload, index) => `rollout ${index + 1}: ${workloadWords(workload)}`),
    ...(policy.gitops ? [gitopsWords(policy.gitops)] : []),
    `watch: failed when no further new pod gets ready for ${durationWords(policy.rollout.stallMs)}, or after ${durationWords(policy.rollout.deadlineMs)}; then ${durationWords(policy.rollout.bakeMs)} of bake${healthWords(plan)}`,
    `capacity: ${policy.rollout.maxUnavailable === 0 ? 'never below the desired count' : `at most ${policy.rollout.maxUnavailable} below the desired count`}`,
    policy.approval.required > 0
      ? `approval: one person, asked for at most ${durationWords(policy.approval.expiresMs)}`
      : `approval: none needed (mode ${policy.mode})`,
    `start: ${windowWords(plan)}`,
    rollback.initContainers === 'keep-new'
      ? `rollback: the images of the application containers are set back; init containers stay at ${to.tag}, because an older one refuses a newer schema; the expanded schema stays`
      : 'rollback: all images are set back to what ran before',
    ...restartWords(plan),
  ]
}

/** What becomes of an old pod that is made anew between expand and the end of the rollout. */
function restartWords({ from, to, workloads, policy, rollback: { restart } }: Plan): string[] {
  if (restart === 'accepted')
    return [
      `restart: an old pod that is made anew between expand and the end of the rollout may not start (acceptRestartRisk in policy ${policy.name})`,
    ]
  if (restart !== 'prepare') return []
  const names = wordList(workloads.filter(hasMigrator).map(({ name }) => name))
  return [
    `restart: before expand ${names} is rolled at ${from.tag} with the init containers of ${to.tag}, which migrate, so that an old pod that is made anew starts on the newer schema`,
  ]
}

function rehearsalWords({ rehearse, rehearsal, pending }: JobMigration): string[] {
  if (rehearsal) return jobRehearsalWords(rehearsal)
  return rehearse && pending?.length !== 0 ? ['not rehearsed yet: the worker does that when it plans'] : []
}

function migrationWords(migration: PlannedMigration): string {
  if (migration.kind === 'job')
    return [
      `job ${migration.command.join(' ')} in the new image, like ${migration.like.workload}/${migration.like.container}, at most ${durationWords(migration.deadlineMs)}`,
      ...(migration.images ? imageWords(migration.images, migration.pending) : []),
      ...rehearsalWords(migration),
    ].join('; ')
  const counts = (['expand', 'backfill', 'contract'] as const)
    .map((phase) => ({ phase, files: migration.files.filter((file) => file.phase === phase) }))
    .filter(({ files }) => files.length > 0)
    .map(({ phase, files }) => `${phase} ${files.map(({ name }) => name).join(', ')}`)
  return `knex ${migration.directory} on ${migration.database}: ${counts.join('; ')}`
}

/** What was seen of it before anybody is asked, and what else it waits for. */
function checkedLines(migration: PlannedMigration): string[] {
  const { backup } = migration
  return [
    ...(migration.kind === 'knex' ? rehearsalLines(migration) : []),
    ...(backup
      ? [`backup: one of the last ${durationWords(backup.maxAgeMs)} must be proven before a risky start`]
      : []),
  ]
}

function workloadWords({ kind, name, containers }: PlannedWorkload): string {
  return `${kind} ${name}: ${containers.map((each) => `${each.init ? 'init container ' : ''}${each.name} from ${each.from}`).join(', ')}`
}

/** What is asked of every new pod, then what is asked of the service. */
function healthWords({ policy: { health } }: Plan): string {
  const pods = health.filter((check) => 'http' in check).map(checkWords)
  const urls = health.filter((check) => 'url' in check).map(checkWords)
  const metrics = health.filter((check) => 'query' in check).map(checkWords)
  const jobs = health.filter((check) => 'job' in check).map(checkWords)
  return [
    pods.length > 0 ? `, asking every new pod ${wordList(pods)}` : '',
    urls.length > 0 ? `, asking ${wordList(urls)}` : '',
    metrics.length > 0 ? `, measuring ${wordList(metrics)}` : '',
    jobs.length > 0 ? `, running ${wordList(jobs)} in the new image` : '',
  ].join('')
}

function windowWords({ policy }: Plan): string {
  const windows = policy.windows.map(ruleWords)
  const freezes = policy.freezes.map(({ from, to, timeZone }) => `${from} to ${to} (${timeZone})`)
  return `${windows.length > 0 ? `in a window: ${windows.join(' or ')}` : 'at any time'}${freezes.length > 0 ? `, never in a freeze: ${freezes.join(', ')}` : ''}`
}

/** `0 2 * * SAT for 3 h (Africa/Nairobi), not on 2026-12-25` */
export const ruleWords = (rule: WindowRule): string =>
  `${'cron' in rule ? rule.cron : `${rule.rrule} from ${rule.from}`} for ${durationWords(rule.durationMs)} (${rule.timeZone})${rule.except && rule.except.length > 0 ? `, not on ${rule.except.join(', ')}` : ''}`

export interface PatchOperation {
  op: 'test' | 'replace'
  path: string
  value: string
}

/** What will be written to one workload, in the shape of a JSON patch; containers are named instead of numbered. */
export function patchOf({ uid, containers }: PlannedWorkload): PatchOperation[] {
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    ...containers.flatMap(({ name, init, from, to }): PatchOperation[] => {
      const path = `/spec/template/spec/${init ? 'initContainers' : 'containers'}/${name}/image`
      return [
        { op: 'test', path, value: from },
        { op: 'replace', path, value: to },
      ]
    }),
  ]
}

/**
 * What in a plan made now differs from the approved one, in words; empty when the approval still holds. What was only
 * observed (the digest that the pods of a version tag reported, the order that follows replica counts) binds nobody.
 */
export function planDifferences(approved: Plan, now: Plan): string[] {
  const parts: [string, (plan: Plan) => unknown][] = [
    ['the hub', ({ hub }) => hub],
    ['the service', ({ service }) => service],
    ['the running tag', ({ from }) => from.tag],
    // Of a moving tag the digest is all there is to tell what runs.
    ['the running digest', ({ from, policy }) => (policy.strategy === 'digest' ? from.digest : null)],
    ['the candidate', ({ to }) => to],
    ['the workloads or their images', ({ workloads }) => [...workloads].sort((a, b) => (a.uid < b.uid ? -1 : 1))],
    ['the migrations', ({ migrations }) => migrations],
    ['the policy', ({ policy }) => policy],
    ['the rollback', ({ rollback }) => rollback],
  ]
  return parts.filter(([, of]) => canonical(of(approved)) !== canonical(of(now))).map(([name]) => name)
}
