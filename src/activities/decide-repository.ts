import type { Registry } from '../clients/contracts'
import type { Promotions } from '../clients/promotion'
import { agedTags, type DecideInput, type Facts, type TagsRead } from '../domain/decide'
import type { DecisionKind } from '../domain/decision'
import { runningOf } from '../domain/running'
import type { Service } from '../domain/service'
import type { DecisionRow, KnownRepository, RepositoryRead, ServiceKey, Store } from '../store/contracts'
import { bindMarks, unboundIn } from './bind-marks'
import { decideService, isRegistryError, lookUpsOf, optionsOf } from './decide-service'
import type { Dependencies } from './dependencies'
import { readList, type ListRead } from './read-list'
import { fingerprint, type ObservedService, type Question, questionOf } from './question'
import type { Rulings } from './rulings'
import { tagsHash } from './tags-hash'

type Deps = Pick<Dependencies, 'config' | 'registry'> & {
  promotions?: Pick<Promotions, 'ask'> | undefined
  store: Pick<Store, 'repositories' | 'seen' | 'images' | 'marks'>
}

/** What earlier scans know that this one can build on. */
export interface Before {
  repository?: KnownRepository
  /** by `namespace/service` */
  decisions: ReadonlyMap<string, Omit<DecisionRow, 'decision'>>
}

export interface RepositoryDecisions {
  /** undefined when its registry was not asked */
  read?: RepositoryRead
  /** decided anew */
  changed: DecisionRow[]
  /** stand as they are */
  confirmed: ServiceKey[]
}

/** Asks a repository once and decides on every service that runs it; what nothing changed for is not decided again. */
export async function decideRepository(
  deps: Deps,
  observed: readonly ObservedService[],
  rulings: Rulings,
  before: Before,
  /** epoch ms, by the database's clock as all ages are */
  now: number,
  signal?: AbortSignal,
): Promise<RepositoryDecisions> {
  const asked = observed.map((each) => ({ ...each, question: questionOf(deps.config, rulings, each, now) }))
  const services = asked.filter(({ question }) => question.input.policy).map(({ service }) => service)
  const list: ListRead =
    services.length > 0 ? await readList(deps.registry, services, before.repository, signal) : { kind: 'unchanged' }
  const tags = await tagsOf(deps, list, services, before.repository)
  const once = { ...deps, registry: askedOnce(deps.registry) }
  const results = []
  for (const { service, question } of asked)
    results.push(await decideOne(once, { service, question, list, tags, before, now }, signal))
  const read = services.length > 0 ? await readOf(asked, list, tags, results, before.repository) : undefined
  if (read?.list) await deps.store.seen.prune(read.repository, read.list.tags)
  return {
    ...(read ? { read } : {}),
    changed: results.flatMap(({ row }) => (row ? [row] : [])),
    confirmed: results.flatMap(({ row, key }) => (row ? [] : [key])),
  }
}

/** Services of one repository hang on the same few tags. */
function askedOnce(registry: Registry): Registry {
  const known = new Map<string, string | undefined>()
  const signatures = new Map<string, ReturnType<Registry['signatures']>>()
  return {
    ...registry,
    async digestOf(repository, tag, options) {
      const key = JSON.stringify([repository, tag, options?.pullSecrets ?? []])
      if (!known.has(key)) known.set(key, await registry.digestOf(repository, tag, options))
      return known.get(key)
    },
    signatures(repository, digest, options) {
      const key = JSON.stringify([repository, digest, options?.pullSecrets ?? []])
      const asked = signatures.get(key) ?? registry.signatures(repository, digest, options)
      signatures.set(key, asked)
      return asked
    },
  }
}

interface Asked {
  service: Service
  question: Question
  list: ListRead
  tags: () => Promise<TagsRead>
  before: Before
  now: number
}

interface Result {
  key: ServiceKey
  /** undefined when the last decision stands */
  row?: DecisionRow
  /** what the decision thinks of the list; undefined when it didn't look, or looked at this very list before */
  trusted?: boolean
}

async function decideOne(deps: Deps, asked: Asked, signal?: AbortSignal): Promise<Result> {
  const { service, question, list, tags, before, now } = asked
  const key = { namespace: service.namespace, service: service.name }
  const hash = hashOf(list, before.repository)
  const accepts = acceptedOf(before.repository)
  const isAccepted = accepts.hash !== null && accepts.hash === setHashOf(list, before.repository)
  const listed = { hash, accepted: JSON.stringify([isAccepted, accepts.missing]) }
  const inputs = fingerprint(question, listed)
  const last = before.decisions.get(`${key.namespace}/${key.service}`)
  const read = async (): Promise<TagsRead> => (question.input.policy ? tags() : { kind: 'list', tags: [] })
  const isNew = hasUnbound(question) && unboundIn(question.input.marks, await read()).length > 0
  // A list that is on record neither as trusted nor as doubted was lost on its way: it is judged again.
  const isOnRecord = list.kind !== 'list' || hash === before.repository?.hash || isDoubted(list, before.repository)
  const isDue = last?.revisitAt !== undefined && last.revisitAt <= now
  const stands = isOnRecord && !isNew && last?.inputs === inputs && !isDue
  const digests: Facts['digests'] = stands ? await watchedDigest(deps, service, last, signal) : {}
  if (stands && (!last.watched || digests[last.watched.tag] === last.watched.digest))
    return { key, ...(isDoubted(list, before.repository) ? { trusted: false } : {}) }

  const marked = await bindMarks(question.input.marks, await read(), {
    digestOf: (tag) => deps.registry.digestOf(service.repository, tag, optionsOf(service, signal)),
    bind: (tag, found) => deps.store.marks.bind(key, tag, found),
  })
  const asBound = { ...question, input: { ...question.input, marks: marked.marks } }
  const input: DecideInput = {
    ...asBound.input,
    tags: await read(),
    accepted: isAccepted,
    acceptedMissing: accepts.missing,
    now,
  }
  // A tag that was pushed again starts its clock anew, also where the watched digest alone tells of it.
  const looked = { ...digests, ...marked.found }
  for (const [tag, digest] of Object.entries(looked))
    if (digest) await deps.store.seen.noteDigest(service.repository, tag, digest)
  const aged = needsAges(input) ? agedTags(input) : []
  const seen = aged.length > 0 ? await deps.store.seen.read(service.repository, aged) : {}
  const asking = { rejected: question.rejected, policy: question.input.policy }
  const lookUps = lookUpsOf(deps, service, { ...asking, now, signal })
  const { step, facts } = await decideService(lookUps, input, { seen, digests: looked, images: {}, rejected: {} })
  const { decision, watchedTag: tag, revisitAt, trusted } = step
  const digest = tag === undefined ? undefined : digestIn(facts, tag)
  const watched = tag === undefined || digest === undefined ? {} : { watched: { tag, digest } }
  // What could not be looked up is looked up again next time, whatever stays the same.
  const standsOn = facts.error === undefined && marked.complete ? fingerprint(asBound, listed) : ''
  return {
    key,
    ...(lookedAtNoList.has(decision.kind) ? {} : { trusted }),
    row: { decision, inputs: standsOn, ...watched, ...(revisitAt === undefined ? {} : { revisitAt }) },
  }
}

/** A service on `latest` says nothing of the list that its neighbours on versions are measured by. */
const lookedAtNoList: ReadonlySet<DecisionKind> = new Set(['unwatched', 'not-deployed', 'unparseable'])

/** The digest of the tag that the last decision hangs on; none when it can't be read, so that it is decided again. */
async function watchedDigest(
  { registry }: Deps,
  service: Service,
  { watched }: Omit<DecisionRow, 'decision'>,
  signal?: AbortSignal,
): Promise<Facts['digests']> {
  if (!watched) return {}
  try {
    return {
      [watched.tag]: (await registry.digestOf(service.repository, watched.tag, optionsOf(service, signal))) ?? null,
    }
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return {}
  }
}

/** Of a tag that is too young the one on record counts: it isn't looked up anew. */
const digestIn = ({ digests, seen }: Facts, tag: string): string | null | undefined =>
  Object.hasOwn(digests, tag) ? digests[tag] : Object.hasOwn(seen, tag) ? seen[tag]?.digest : undefined

const hasUnbound = ({ input }: Question): boolean =>
  Object.values(input.marks).some(({ digest }) => digest === undefined)

/** Ages are counted for policies that ask for them only. */
const needsAges = ({ policy }: DecideInput): boolean =>
  policy !== undefined && (policy.minimumAgeMs > 0 || policy.settle !== undefined)

/** An error is no list, and never the same as before. */
const hashOf = (list: ListRead, known: KnownRepository | undefined): string =>
  list.kind === 'list' ? list.list.hash : list.kind === 'unchanged' ? (known?.hash ?? '') : `error ${list.message}`

/** Of the tags in any order: what a person accepted is not another list for being told in another order. */
const setHashOf = (list: ListRead, known: KnownRepository | undefined): string =>
  list.kind === 'list' ? tagsHash(list.list.tags) : list.kind === 'unchanged' ? (known?.tagsHash ?? '') : ''

const isDoubted = (list: ListRead, known: KnownRepository | undefined): boolean =>
  known?.doubted?.hash !== undefined && known.doubted.hash === setHashOf(list, known)

const acceptedOf = (known: KnownRepository | undefined): { hash: string | null; missing: string[] } => ({
  hash: known?.accepted ?? null,
  missing: known?.acceptedMissing ?? [],
})

/** The list as a decision takes it: read from the store only where an unchanged one must be looked at again. */
async function tagsOf(
  { store }: Deps,
  list: ListRead,
  services: readonly Service[],
  known: KnownRepository | undefined,
): Promise<() => Promise<TagsRead>> {
  const repository = services[0]?.repository ?? ''
  if (list.kind === 'error') return () => Promise.resolve(list)
  const lastCount = known?.hash ? { lastCount: known.tagCount } : {}
  if (list.kind === 'list') {
    const { tags } = list.list
    // Before anything is decided: a clock that starts late would let the tag pass too early.
    await store.seen.note(repository, tags)
    return () => Promise.resolve({ kind: 'list', tags, ...lastCount })
  }
  let kept: Promise<TagsRead> | undefined
  return () =>
    (kept ??= store.repositories.tags(repository).then((tags) => ({ kind: 'list', tags: tags ?? [], ...lastCount })))
}

/** What is kept of the read: a list only if a service trusts it and none has a doubt about it. */
async function readOf(
  asked: readonly { service: Service; question: Question }[],
  list: ListRead,
  tags: () => Promise<TagsRead>,
  results: readonly Result[],
  known: KnownRepository | undefined,
): Promise<RepositoryRead> {
  const repository = asked[0]?.service.repository ?? ''
  if (list.kind === 'error') return { repository, error: { code: list.code, message: list.message } }
  const opinions = results.flatMap(({ trusted }) => trusted ?? [])
  if (!opinions.includes(false)) {
    if (list.kind === 'unchanged' || opinions.length === 0) return { repository }
    const { tags: all, hash, etag } = list.list
    return { repository, list: { tags: all, hash, tagsHash: tagsHash(all), ...(etag ? { etag } : {}) } }
  }
  const read = await tags()
  const listed = new Set(read.kind === 'list' ? read.tags : [])
  const running = asked.flatMap(({ service, question: { input } }) =>
    input.policy ? runningOf(service, input.policy.strategy).tags : [],
  )
  const missing = [...new Set(running)].filter((tag) => !listed.has(tag))
  return { repository, doubted: { hash: setHashOf(list, known), count: listed.size, missing } }
}
