import { urlIn } from '../clients/database-url'
import { readApplied } from '../clients/applied-migrations'
import type { Candidate } from '../domain/decision'
import { RefitError } from '../domain/errors'
import { imageAnswer, wayThrough, type Between, type ImageAnswer } from '../domain/migrations/image-answer'
import type { KnexfileHints } from '../domain/migrations/knexfile'
import type { AppliedMigrations } from '../domain/migrations/prediction'
import type { ImageMigrations, ImageRead } from '../domain/migrations/status'
import { initMigratorOf } from '../domain/plan'
import type { JobSource, Policy } from '../domain/policy'
import { runningOf } from '../domain/running'
import { pullSecretsOf, type Service } from '../domain/service'
import { tagsBetween } from '../domain/tags-between'
import type { Dependencies } from './dependencies'
import { migratingImage, readImageMigrations } from './image-migrations'

/** What is asked for the answers; without it a plan says nothing of images' own migrations. */
export interface ImageMeans {
  registry: Dependencies['registry']
  store: Pick<Dependencies['store'], 'imageMigrations'>
  environment: Dependencies['environment']
}

/** No more images than this are read to find the way of a jump. */
const maxBetween = 8

/**
 * For each Job that migrates by the image's own files: what it would apply, and whether the old image starts again
 * afterwards. Runs nothing. What can't be read is an answer of its own and no error.
 */
export async function imageAnswers(
  means: ImageMeans,
  { service, policy, candidate }: { service: Service; policy: Policy; candidate: Candidate },
): Promise<Record<number, ImageAnswer>> {
  const answers: Record<number, ImageAnswer> = {}
  // One after the other: an image can have hundreds of megabytes.
  for (const [index, migration] of policy.migrations.entries())
    if (migration.kind === 'job') answers[index] = await answerOf(means, { service, policy, candidate, migration })
  return answers
}

interface Asked {
  service: Service
  policy: Policy
  candidate: Candidate
  migration: JobSource
}

async function answerOf(means: ImageMeans, asked: Asked): Promise<ImageAnswer> {
  const { service, policy, candidate, migration } = asked
  const running = runningOf(service, policy.strategy)
  const to = await orReason(() => read(means, asked, candidate))
  if ('why' in to) return { kind: 'unknown', why: to.why }
  const from =
    running.digest === undefined
      ? { why: 'nobody can tell which digest of the running image its pods have' }
      : await orReason(() => read(means, asked, running))
  const found = 'why' in from || from.shown.folder === null ? undefined : from.shown
  const applied = await databaseOf(means, migration, to.hints)
  const unread = [...('why' in from ? [from.why] : []), ...(applied && 'why' in applied ? [applied.why] : [])].join(
    '; ',
  )
  const has = applied && 'names' in applied ? applied : undefined
  const initContainer = initMigratorOf(service)
  const answer = imageAnswer({
    to: to.shown,
    ...(found ? { from: found } : {}),
    ...(has ? { applied: has } : {}),
    runs: { startUp: migration.startUp ?? false, ...(initContainer === undefined ? {} : { initContainer }) },
    ...(unread === '' ? {} : { unread }),
  })
  if (answer.kind === 'unknown' || !found || !takesSomething(answer, to.shown)) return answer
  const between = await wayOf(means, asked, { from: found, to: to.shown, has })
  return between ? { ...answer, ...(between.read < between.known ? partly(answer, between) : {}), between } : answer
}

const takesSomething = ({ forwards }: Read, { migrations }: ImageMigrations): boolean =>
  forwards.kind === 'applies' && migrations.some(({ name, contract }) => contract && forwards.pending.includes(name))

const partly = ({ unread }: Read, { read: some, known }: Between): { unread: string } => ({
  unread: [...(unread === undefined ? [] : [unread]), `${known - some} of ${known} releases between`].join('; '),
})

type Read = Extract<ImageAnswer, { kind: 'read' }>

interface Wanted {
  tag: string
  digest?: string | undefined
}

/** From the store when the digest was read before. The tag is what people are told. */
async function read(
  { registry, store }: ImageMeans,
  { service, migration }: Asked,
  { tag, digest: wanted }: Wanted,
): Promise<ImageRead> {
  const { repository } = service
  const options = { pullSecrets: pullSecretsOf(service) }
  const digest = wanted ?? (await registry.digestOf(repository, tag, options))
  if (digest === undefined)
    throw new RefitError('REGISTRY_NOT_FOUND', `${repository} has no tag ${tag}.`, 'Check the tag.')
  const key = { repository, digest, ...(migration.path === undefined ? {} : { path: migration.path }) }
  const known = await store.imageMigrations.read(key)
  const found =
    known ?? (await readImageMigrations(registry, migratingImage(`${repository}@${digest}`), migration.path, options))
  if (!known) await store.imageMigrations.save(key, found)
  return { ...found, shown: { ...found.shown, image: tag } }
}

/** Errors of registries and databases as words. */
async function orReason<T extends object>(work: () => Promise<T>): Promise<T | { why: string }> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RefitError)) throw error
    return { why: error.message.replace(/\.$/, '') }
  }
}

async function databaseOf(
  { environment }: ImageMeans,
  { database, table }: JobSource,
  hints: KnexfileHints | undefined,
): Promise<AppliedMigrations | { why: string } | undefined> {
  if (database === undefined) return undefined
  const url = urlIn(environment, database)
  if (!url) return { why: `the environment variable ${database} is empty here` }
  const { tableName: hint, schemaName: schema } = hints ?? {}
  return orReason(() =>
    readApplied({
      ...{ url, place: database },
      ...(table === undefined ? {} : { table }),
      ...(hint === undefined ? {} : { hint }),
      ...(schema === undefined ? {} : { schema }),
    }),
  )
}

/** Only where what is pending takes something away: looks into the releases between. */
async function wayOf(
  means: ImageMeans,
  asked: Asked,
  { from, to, has }: { from: ImageMigrations; to: ImageMigrations; has: AppliedMigrations | undefined },
): Promise<Between | undefined> {
  const { service, policy, candidate } = asked
  const tags = await orReason(async () => {
    const list = await means.registry.listTags(service.repository, { pullSecrets: pullSecretsOf(service) })
    return list === 'unchanged' ? [] : list.tags
  })
  if ('why' in tags) return undefined
  const all = tagsBetween(tags, runningOf(service, policy.strategy).tag, candidate.tag, policy.strategy)
  const images: ImageMigrations[] = []
  for (const tag of spread(all, maxBetween)) {
    const found = await orReason(() => read(means, asked, { tag }))
    if (!('why' in found) && found.shown.folder !== null) images.push(found.shown)
  }
  return wayThrough([from, ...images, to], all.length, has)
}

/** At most `count` of them, evenly, the last one always. */
const spread = (tags: readonly string[], count: number): string[] =>
  tags.filter((_, index) => tags.length <= count || ((index + 1) * count) % tags.length < count)
