import type { ReadOptions, Registry } from '../clients/contracts'
import { decide, type DecideInput, type Facts, type Step } from '../domain/decide'
import { RefitError, sentenceOf } from '../domain/errors'
import type { Service } from '../domain/service'
import type { Store } from '../store/contracts'

export type Decided = Extract<Step, { kind: 'decided' }>

/** What a decision may look up, and keep of it. */
export interface LookUpDeps {
  registry: Pick<Registry, 'digestOf' | 'imageFacts'>
  store: Pick<Store, 'images' | 'seen'>
}

type Wanted = Extract<Step, { kind: 'look-up' }>
type Gathered = { -readonly [Key in keyof Facts]: Facts[Key] }

/** More than the rules ever ask; one that went round in a circle must not ask a registry for ever. */
const maxLookUps = 50

/**
 * Decides on one service: the pure rules say what they must know next, this looks it up, until they decide. The digests
 * that were read are returned with the decision. Throws what is no trouble of the registry.
 */
export async function decideService(
  deps: LookUpDeps,
  input: DecideInput,
  known: Pick<Facts, 'seen' | 'digests' | 'rejected'>,
  signal?: AbortSignal,
): Promise<{ decided: Decided; digests: Facts['digests'] }> {
  const facts: Gathered = { images: {}, ...known }
  for (let asked = 0; asked < maxLookUps; asked += 1) {
    const step = decide(input, facts)
    if (step.kind === 'decided') return { decided: step, digests: facts.digests }
    try {
      await lookUp(deps, input.service, step, facts, optionsOf(input.service, signal))
    } catch (error) {
      if (!isRegistryError(error)) throw error
      facts.error = sentenceOf(error)
    }
  }
  throw new RefitError(
    'INTERNAL',
    `Deciding on ${input.service.repository} never ends.`,
    'Report it with its tag list.',
  )
}

async function lookUp(
  { registry, store }: LookUpDeps,
  { repository }: Service,
  { digestOf: tag, imageOf, rejectionOf }: Wanted,
  facts: Gathered,
  options: ReadOptions,
): Promise<void> {
  if (tag !== undefined) {
    const digest = (await registry.digestOf(repository, tag, options)) ?? null
    facts.digests = { ...facts.digests, [tag]: digest }
    if (digest !== null) await noteDigest(store, repository, tag, digest, facts)
  }
  if (imageOf) {
    const { digest } = imageOf
    const kept = await store.images.read(digest)
    const image = kept ?? (await registry.imageFacts(repository, digest, options)) ?? null
    if (image && !kept) await store.images.save(image)
    facts.images = { ...facts.images, [digest]: image }
  }
  // What is rejected was handed in whole.
  if (rejectionOf !== undefined) facts.rejected = { [rejectionOf]: null, ...facts.rejected }
}

/** A tag that was pushed again starts its clock anew, in the store and in this decision. */
async function noteDigest(
  { seen }: Pick<Store, 'seen'>,
  repository: string,
  tag: string,
  digest: string,
  facts: Gathered,
): Promise<void> {
  const before = facts.seen[tag]
  if (before?.digest === digest) return
  await seen.noteDigest(repository, tag, digest)
  if (before) {
    const now = before.digest === undefined ? {} : { digestSince: Date.now() }
    facts.seen = { ...facts.seen, [tag]: { ...before, digest, ...now } }
  }
}

export const optionsOf = ({ namespace, pullSecrets }: Service, signal?: AbortSignal): ReadOptions => ({
  ...(signal ? { signal } : {}),
  pullSecrets: pullSecrets.map((name) => ({ namespace, name })),
})

export const isRegistryError = (error: unknown): error is RefitError =>
  error instanceof RefitError && error.code.startsWith('REGISTRY_')
