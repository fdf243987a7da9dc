import type { Decision } from '../domain/decision'
import { RefitError } from '../domain/errors'
import type { ServiceKey, Store } from '../store/contracts'
import { listWords, shownList, type ShownList } from './doubted-list'

/** What `refit accept -o json` prints. */
export interface Accepted extends ServiceKey {
  repository: string
  acceptedBy: string
  reason: string
  /** what was accepted */
  list: ShownList
}

/**
 * Trusts a suspicious tag list as it is, once: the next scan decides on it, and lists are measured by it from then on
 * (law 1). With `list`, only the one whose hash begins so: the one that the person saw. SERVICE_UNKNOWN when no scan has
 * decided on the service, ACCEPT_REFUSED when it isn't the list that is doubted, or is another one by now.
 */
export async function acceptList(
  { store }: { store: Pick<Store, 'decisions' | 'repositories'> },
  {
    key,
    by,
    verified = false,
    reason,
    list,
  }: { key: ServiceKey; by: string; verified?: boolean; reason: string; list?: string },
): Promise<Accepted> {
  const name = `${key.namespace}/${key.service}`
  const decision = await store.decisions.read(key)
  if (!decision)
    throw new RefitError('SERVICE_UNKNOWN', `No scan has decided on ${name}.`, 'Run refit scan, then try again.')
  const { repository } = decision
  const found = await store.repositories.accept({
    repository,
    by,
    verified,
    reason,
    ...(list === undefined ? {} : { list }),
  })
  if (found.kind === 'none') throw refusal(name, decision)
  const shown = shownList(found.list, found.lastCount)
  if (found.kind === 'another')
    throw new RefitError(
      'ACCEPT_REFUSED',
      `The tag list of ${repository} that is doubted now is another one: ${listWords(shown)}.`,
      `Look at it with refit explain ${name}; --list ${shown.hash} accepts it.`,
    )
  return { ...key, repository, acceptedBy: by, reason, list: shown }
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
