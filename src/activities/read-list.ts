import type { Registry, TagList } from '../clients/contracts'
import type { ErrorCode } from '../domain/errors'
import { sentenceOf } from '../domain/errors'
import type { Service } from '../domain/service'
import type { KnownRepository } from '../store/contracts'
import { isRegistryError, optionsOf } from './decide-service'

/** What a registry answered when it was asked for a tag list. */
export type ListRead =
  { kind: 'list'; list: TagList } | { kind: 'unchanged' } | { kind: 'error'; code: ErrorCode; message: string }

/** Reads a repository's tag list with the pull secrets of the services that run it; unchanged ones aren't read again. */
export async function readList(
  registry: Registry,
  services: readonly Service[],
  known: KnownRepository | undefined,
  signal?: AbortSignal,
): Promise<ListRead> {
  const repository = services[0]?.repository ?? ''
  const pullSecrets = services.flatMap((service) => optionsOf(service).pullSecrets ?? [])
  const before = known?.hash ? { hash: known.hash, ...(known.etag ? { etag: known.etag } : {}) } : undefined
  try {
    const list = await registry.listTags(repository, {
      pullSecrets,
      ...(signal ? { signal } : {}),
      ...(before ? { known: before } : {}),
    })
    return list === 'unchanged' ? { kind: 'unchanged' } : { kind: 'list', list }
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return { kind: 'error', code: error.code, message: sentenceOf(error) }
  }
}
