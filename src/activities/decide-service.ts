import type { ReadOptions, Registry } from '../clients/contracts'
import type { Promotions } from '../clients/promotion'
import { decide, type DecideInput, type Facts, type Step, type TagSeen } from '../domain/decide'
import { RefitError, sentenceOf } from '../domain/errors'
import type { ImageFacts } from '../domain/image-facts'
import type { Policy } from '../domain/policy'
import type { PromotionVerdict } from '../domain/promotion'
import type { Service } from '../domain/service'
import type { SignatureVerdict } from '../domain/signature'
import type { Store } from '../store/contracts'
import { promotionOf } from './promoted'
import { signatureOf } from './signed'

/** Where `decide` gets its answers from; null = there is none. */
export interface LookUps {
  /** with what Refit's clock says of the tag now that its digest is known */
  digestOf(tag: string, seen: TagSeen | undefined): Promise<{ digest: string | null; seen?: TagSeen }>
  imageOf(digest: string): Promise<ImageFacts | null>
  /** why a person said no to this digest */
  rejectionOf(digest: string): string | null
  /** what another hub says of this digest; asked for only under a policy with `promote` */
  promotionOf?(digest: string): Promise<PromotionVerdict>
  /** what the signatures of this digest say; asked for only under a policy with `signatures` */
  signatureOf?(digest: string): Promise<SignatureVerdict>
}

/** Far more than the rules ever ask: whoever went round in a circle would ask a registry for ever. */
const mostLookUps = 100

export type Decided = Extract<Step, { kind: 'decided' }>

/**
 * Decides, looks up what is missing, and decides again. A registry that can't be read is a decision, too; every other
 * failure is thrown. `facts` is what is known before; what was learned comes back with the decision.
 */
export async function decideService(
  lookUps: LookUps,
  input: DecideInput,
  facts: Facts = { seen: {}, digests: {}, images: {}, rejected: {} },
): Promise<{ step: Decided; facts: Facts }> {
  let known = facts
  for (let asked = 0; asked < mostLookUps; asked += 1) {
    const step = decide(input, known)
    if (step.kind === 'decided') return { step, facts: known }
    known = await answered(lookUps, step, known)
  }
  throw new RefitError(
    'INTERNAL',
    `Deciding on ${input.service.repository} comes to no end.`,
    'Report it with the tag list.',
  )
}

async function answered(
  lookUps: LookUps,
  { digestOf: tag, imageOf, rejectionOf, promotionOf, signatureOf: signed }: Extract<Step, { kind: 'look-up' }>,
  known: Facts,
): Promise<Facts> {
  const { seen, digests, images, rejected, promotions, signatures } = known
  try {
    const found = tag === undefined ? undefined : await lookUps.digestOf(tag, seen[tag])
    const asked =
      promotionOf === undefined ? {} : { [promotionOf]: (await lookUps.promotionOf?.(promotionOf)) ?? nobodyAsks }
    const verdict = signed === undefined ? undefined : await lookUps.signatureOf?.(signed)
    return {
      ...known,
      seen: tag !== undefined && found?.seen ? { ...seen, [tag]: found.seen } : seen,
      digests: tag !== undefined && found ? { ...digests, [tag]: found.digest } : digests,
      images: imageOf ? { ...images, [imageOf.digest]: await lookUps.imageOf(imageOf.digest) } : images,
      rejected: rejectionOf === undefined ? rejected : { ...rejected, [rejectionOf]: lookUps.rejectionOf(rejectionOf) },
      ...(promotions || promotionOf !== undefined ? { promotions: { ...promotions, ...asked } } : {}),
      ...(signed === undefined ? {} : { signatures: { ...signatures, [signed]: verdict ?? nobodyLooks } }),
    }
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return { ...known, error: sentenceOf(error) }
  }
}

const nobodyAsks: PromotionVerdict = { kind: 'held', reason: 'waits for another hub, which nobody asks', until: 0 }

const nobodyLooks: SignatureVerdict = {
  kind: 'held',
  verdict: 'unsigned',
  reason: 'has signatures at which nobody looks',
}

/** What look-ups act through. */
export interface LookUpDeps {
  registry: Pick<Registry, 'digestOf' | 'imageFacts' | 'signatures'>
  store: { images: Store['images']; seen: Pick<Store['seen'], 'noteDigest'> }
  promotions?: Pick<Promotions, 'ask'> | undefined
}

/** What is asked of one service. */
interface Asking {
  /** digest -> reason */
  rejected: Readonly<Record<string, string>>
  policy?: Policy | undefined
  /** epoch ms */
  now: number
  signal?: AbortSignal | undefined
}

/** The look-ups of one service, in its registry and in the store, which keeps what they bring. */
export function lookUpsOf(
  { registry, store, promotions }: LookUpDeps,
  service: Service,
  { rejected, policy, now, signal }: Asking,
): LookUps {
  const { repository } = service
  const options = optionsOf(service, signal)
  return {
    async digestOf(tag, seen) {
      const digest = (await registry.digestOf(repository, tag, options)) ?? null
      if (digest === null || seen?.digest === digest) return { digest }
      // The store's own row, by the database's clock: what is decided on is what the next scan reads.
      const noted = await store.seen.noteDigest(repository, tag, digest)
      return { digest, ...(seen ? { seen: noted } : {}) }
    },
    async imageOf(digest) {
      const kept = await store.images.read(digest)
      if (kept) return kept
      const facts = await registry.imageFacts(repository, digest, options)
      if (facts) await store.images.save(facts)
      return facts ?? null
    },
    rejectionOf: (digest) => rejected[digest] ?? null,
    promotionOf: async (digest) =>
      (policy && (await promotionOf(promotions, { policy, repository, digest, now, signal }))) ?? nobodyAsks,
    signatureOf: async (digest) => (await signatureOf(registry, { policy, service, digest, signal })) ?? nobodyLooks,
  }
}

export const optionsOf = ({ namespace, pullSecrets }: Service, signal?: AbortSignal): ReadOptions => ({
  ...(signal ? { signal } : {}),
  pullSecrets: pullSecrets.map((name) => ({ namespace, name })),
})

/** Whether a registry is to blame, so that the service is told apart instead of the scan failing. */
export const isRegistryError = (error: unknown): error is RefitError =>
  error instanceof RefitError && error.code.startsWith('REGISTRY_')
