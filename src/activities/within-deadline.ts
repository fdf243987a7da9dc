import type { Registry } from '../clients/contracts'
import { RefitError } from '../domain/errors'

type Reader = Pick<Registry, 'listTags' | 'digestOf' | 'imageFacts' | 'signatures'>

/**
 * The same registry for all that is asked of one repository, within `ms` together: one that answers a page every few
 * seconds must not hold up a batch of others. What comes too late is REGISTRY_UNAVAILABLE.
 */
export function withinDeadline<T extends Reader>(registry: T, repository: string, ms: number): T {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const ask = async <Answer>(given: AbortSignal | undefined, question: (signal: AbortSignal) => Promise<Answer>) => {
    timer ??= setTimeout(() => late.abort(), ms).unref()
    try {
      return await question(given ? AbortSignal.any([given, late.signal]) : late.signal)
    } catch (error) {
      if (!late.signal.aborted || given?.aborted) throw error
      throw new RefitError(
        'REGISTRY_UNAVAILABLE',
        `${repository} took longer than ${ms / 1_000} s to be read.`,
        'The next scan reads it again; see what its registry is doing.',
      )
    }
  }
  return {
    ...registry,
    listTags: (name, options) => ask(options?.signal, (signal) => registry.listTags(name, { ...options, signal })),
    digestOf: (name, tag, options) =>
      ask(options?.signal, (signal) => registry.digestOf(name, tag, { ...options, signal })),
    imageFacts: (name, digest, options) =>
      ask(options?.signal, (signal) => registry.imageFacts(name, digest, { ...options, signal })),
    signatures: (name, digest, options) =>
      ask(options?.signal, (signal) => registry.signatures(name, digest, { ...options, signal })),
  }
}
