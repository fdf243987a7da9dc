import { RefitError } from '../domain/errors'
import type { SecurityMark, ServiceKey, Store } from '../store/contracts'

type Deps = { store: Pick<Store, 'marks'> }
type Marking = { store: Pick<Store, 'marks' | 'decisions'> }

export type Marked = Omit<SecurityMark, 'at' | 'digest'> & {
  alreadyMarked: boolean
  /** why the mark has no effect as things are; null when it has */
  idle: string | null
}

/** Verdicts that an age has nothing to do with. */
const offered: ReadonlySet<string> = new Set(['chosen', 'too-young', 'settling', 'superseded', 'running', 'older'])

/** Says that a version mends a vulnerability: ages and settling don't hold it back. Marking twice changes nothing. */
export async function markSecurity(
  { store }: Marking,
  { verified = false, ...mark }: Omit<SecurityMark, 'at' | 'digest'> & { verified?: boolean },
): Promise<Marked> {
  const decision = await store.decisions.read(mark)
  const tag = decision?.tags.find(({ tag: each }) => each === mark.version)
  const unseen = `no scan has seen ${mark.version}: is it written right?`
  const idle = tag
    ? offered.has(tag.verdict)
      ? null
      : `${mark.version} is not offered all the same: ${tag.reason}`
    : unseen
  return { ...mark, alreadyMarked: !(await store.marks.mark({ ...mark, verified })), idle }
}

/** Takes a mark back. MARK_UNKNOWN when there is none. */
export async function liftMark(
  { store }: Deps,
  { key, version, by, verified = false }: { key: ServiceKey; version: string; by: string; verified?: boolean },
): Promise<ServiceKey & { version: string; liftedBy: string }> {
  if (!(await store.marks.lift(key, version, by, verified)))
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
