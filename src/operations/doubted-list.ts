import { wordList } from '../domain/text'
import type { DoubtedList, KnownRepository } from '../store/contracts'

/** A list that can't be trusted, as people see it and may accept it. */
export interface ShownList {
  /** 12 hex digits: `refit accept --list` takes them */
  hash: string
  /** how many tags it has, and how many the last trusted one had */
  count: number
  lastCount: number
  /** running tags that it lacks */
  missing: string[]
}

export const shownList = ({ hash, count, missing }: DoubtedList, lastCount: number): ShownList => ({
  ...{ hash: hash.slice(0, 12), count, lastCount, missing },
})

/** Null where the last scan doubted none. */
export const doubtedList = (known: KnownRepository | undefined): ShownList | null =>
  known?.doubted ? shownList(known.doubted, known.tagCount) : null

export const listWords = ({ hash, count, lastCount, missing }: ShownList): string =>
  `list ${hash} of ${count} tags (the last trusted one had ${lastCount})${missing.length > 0 ? `, without ${wordList(missing)}, which runs` : ''}`
