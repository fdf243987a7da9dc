import pLimit from 'p-limit'
import type { DecisionRow, Store } from '../store/contracts'
import type { RepositoryDecisions } from './decide-repository'

/** Repositories of a portion: a batch that is done again finds most of it unchanged. */
const keptAtOnce = 50
/** Long lists are kept sooner: until then each of their tags lies in memory, explained, and then its JSON as well. */
const keptTagsAtOnce = 5_000

/** Keeps what is decided a portion at a time, one portion after the other. */
export function keeperOf(store: Pick<Store, 'repositories' | 'decisions'>, read: { scanId: string; readSince: Date }) {
  const inTurn = pLimit(1)
  let waiting: RepositoryDecisions[] = []
  let waitingTags = 0
  const keep = async (): Promise<void> => {
    const portion = waiting
    waiting = []
    waitingTags = 0
    // First what is known of the lists: a decision that outlived it would later pass for one on a trusted list.
    await store.repositories.save(
      portion.flatMap((each) => each.read ?? []),
      read.readSince,
    )
    await store.decisions.save(
      read,
      portion.flatMap(({ changed }) => changed),
    )
    await store.decisions.confirm(
      read,
      portion.flatMap(({ confirmed }) => confirmed),
    )
  }
  const keeper = {
    done: 0,
    /** repositories whose registry was asked */
    asked: 0,
    async add(decided: RepositoryDecisions): Promise<void> {
      keeper.done += 1
      if (decided.read) keeper.asked += 1
      waiting.push(decided)
      waitingTags += tagsIn(decided)
      if (waiting.length >= keptAtOnce || waitingTags >= keptTagsAtOnce) await inTurn(keep)
    },
    rest: (): Promise<void> => inTurn(keep),
  }
  return keeper
}

const explained = (rows: readonly DecisionRow[]): number =>
  rows.reduce((sum, { decision }) => sum + decision.tags.length, 0)

/** Of a list that is longer than what a decision explains, the list itself counts. */
const tagsIn = ({ read, changed }: RepositoryDecisions): number =>
  Math.max(read?.list?.tags.length ?? 0, explained(changed))
