import type { Decision } from '../domain/decision'
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
 * (law 1). SERVICE_UNKNOWN when no scan has decided on the service, ACCEPT_REFUSED when it isn't the list that is doubted.
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
  if (!(await store.repositories.accept({ repository, by, reason }))) throw refusal(name, decision)
  return { ...key, repository, acceptedBy: by, reason }
}

function refusal(name: string, { kind, doubted, repository, reason }: Decision): RefitError {
  if (kind !== 'suspicious')
    return new RefitError(
      'ACCEPT_REFUSED',
      `The tag list of ${repository} is not suspicious, so there is nothing to accept.`,
      `refit explain ${name} shows what a scan says of it.`,
    )
  return doubted
    ? new RefitError('ACCEPT_REFUSED', `The tag list of ${repository} is not doubted any more.`, 'Run refit scan.')
    : new RefitError(
        'ACCEPT_REFUSED',
        `It is not the list of ${repository} that is doubted: ${reason}.`,
        'Mend it in the registry or in the bill of materials; then refit scan.',
      )
}
