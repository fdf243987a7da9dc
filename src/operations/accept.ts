import { RefitError } from '../domain/errors'
import type { ServiceKey, Store } from '../store/contracts'

/** What `refit accept -o json` prints. */
export interface Accepted extends ServiceKey {
  repository: string
  acceptedBy: string
  reason: string
}

/**
 * Trusts a suspicious tag list as it is, once: the next scan decides on it, and lists are measured by it from then on
 * (law 1). SERVICE_UNKNOWN when no scan has decided on the service, APPROVAL_REFUSED when its list isn't suspicious.
 */
export async function acceptList(
  { store }: { store: Pick<Store, 'decisions' | 'repositories'> },
  { key, by, reason }: { key: ServiceKey; by: string; reason: string },
): Promise<Accepted> {
  const name = `${key.namespace}/${key.service}`
  const decision = await store.decisions.read(key)
  if (!decision)
    throw new RefitError('SERVICE_UNKNOWN', `No scan has decided on ${name}.`, 'Run refit scan, then try again.')
  const { repository } = decision
  if (!(await store.repositories.accept({ repository, by, reason })))
    throw new RefitError(
      'APPROVAL_REFUSED',
      `The tag list of ${repository} is not suspicious, so there is nothing to accept.`,
      `refit explain ${name} shows what a scan says of it.`,
    )
  return { ...key, repository, acceptedBy: by, reason }
}
