import { RefitError } from '../domain/errors'
import type { SecurityMark, ServiceKey, Store } from '../store/contracts'

type Deps = { store: Pick<Store, 'marks'> }

/** Says that a version mends a vulnerability: ages and settling don't hold it back. Marking twice changes nothing. */
export async function markSecurity(
  { store }: Deps,
  mark: Omit<SecurityMark, 'at' | 'digest'>,
): Promise<Omit<SecurityMark, 'at' | 'digest'> & { alreadyMarked: boolean }> {
  return { ...mark, alreadyMarked: !(await store.marks.mark(mark)) }
}

/** Takes a mark back. MARK_UNKNOWN when there is none. */
export async function liftMark(
  { store }: Deps,
  { key, version, by }: { key: ServiceKey; version: string; by: string },
): Promise<ServiceKey & { version: string; liftedBy: string }> {
  if (!(await store.marks.lift(key, version, by)))
    throw new RefitError(
      'MARK_UNKNOWN',
      `${version} of ${key.namespace}/${key.service} is not marked.`,
      'refit security list shows what is.',
    )
  return { ...key, version, liftedBy: by }
}

/** Every mark that stands. */
export const securityMarks = async ({ store }: Deps): Promise<{ marks: SecurityMark[] }> => ({
  marks: await store.marks.list(),
})
