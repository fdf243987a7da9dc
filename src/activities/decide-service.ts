import type { Registry } from '../clients/contracts'
import { decide, type DecideInput, type Facts, type Step } from '../domain/decide'
import { RefitError, sentenceOf } from '../domain/errors'
import type { ImageFacts } from '../domain/image-facts'
import type { Service } from '../domain/service'
import type { Store } from '../store/contracts'

/** Where `decide` gets its answers from; null = there is none. */
export interface LookUps {
  digestOf(tag: string): Promise<string | null>
  imageOf(tag: string, digest: string): Promise<ImageFacts | null>
  /** why a person said no to this digest */
  rejectionOf(digest: string): Promise<string | null>
}

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
  for (;;) {
    const step = decide(input, known)
    if (step.kind === 'decided') return { step, facts: known }
    known = await answered(lookUps, step, known)
  }
}

async function answered(
  lookUps: LookUps,
  { digestOf, imageOf, rejectionOf }: Extract<Step, { kind: 'look-up' }>,
  facts: Facts,
): Promise<Facts> {
  try {
    return {
      ...facts,
      digests: {
        ...facts.digests,
        ...(digestOf === undefined ? {} : { [digestOf]: await lookUps.digestOf(digestOf) }),
      },
      images: {
        ...facts.images,
        ...(imageOf === undefined ? {} : { [imageOf.digest]: await lookUps.imageOf(imageOf.tag, imageOf.digest) }),
      },
      rejected: {
        ...facts.rejected,
        ...(rejectionOf === undefined ? {} : { [rejectionOf]: await lookUps.rejectionOf(rejectionOf) }),
      },
    }
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return { ...facts, error: sentenceOf(error) }
  }
}

/** The look-ups of one service, in its registry and in the store. */
export function lookUpsOf(
  { registry, store }: { registry: Registry; store: Pick<Store, 'upgrades'> },
  { namespace, name, repository }: Service,
  signal?: AbortSignal,
): LookUps {
  return {
    digestOf: async (tag) => (await registry.digestOf(repository, tag, signal)) ?? null,
    imageOf: () => Promise.resolve(null),
    rejectionOf: async (digest) =>
      (await store.upgrades.rejectedDigest({ namespace, service: name }, digest))?.message ?? null,
  }
}

/** Whether a registry is to blame, so that the service is told apart instead of the scan failing. */
export const isRegistryError = (error: unknown): error is RefitError =>
  error instanceof RefitError && error.code.startsWith('REGISTRY_')
