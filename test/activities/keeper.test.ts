import { keeperOf } from '../../src/activities/keeper'
import type { RepositoryDecisions } from '../../src/activities/decide-repository'
import type { DecisionRow, RepositoryRead, Store } from '../../src/store/contracts'

const tagsOf = (count: number) => Array.from({ length: count }, (_, i) => ({ tag: `v1.0.${i}`, reason: 'older' }))

const decided = (repository: string, explained: number, listed = 0): RepositoryDecisions => ({
  read: { repository, list: { tags: tagsOf(listed).map(({ tag }) => tag), hash: 'h', tagsHash: 't' } },
  changed: [{ decision: { namespace: 'hub', service: repository, tags: tagsOf(explained) } } as unknown as DecisionRow],
  confirmed: [],
})

/** What was kept, a line per portion; each portion takes until the next turn of the event loop. */
function keeping() {
  const portions: string[][] = []
  const calls: string[] = []
  const store = {
    repositories: {
      save: async (reads: readonly RepositoryRead[]) => {
        calls.push('lists')
        await new Promise(setImmediate)
        portions.push(reads.map(({ repository }) => repository))
      },
    },
    decisions: {
      save: () => Promise.resolve(void calls.push('decisions')),
      confirm: () => Promise.resolve(void calls.push('confirmed')),
    },
  } as unknown as Pick<Store, 'repositories' | 'decisions'>
  return { portions, calls, keeper: keeperOf(store, { scanId: 'scan', readSince: new Date(0) }) }
}

test('short lists are kept fifty repositories at a time, and the rest at the end', async () => {
  const { portions, keeper } = keeping()
  for (let i = 0; i < 120; i += 1) await keeper.add(decided(`r${i}`, 10))
  expect(portions.map(({ length }) => length)).toEqual([50, 50])
  await keeper.rest()
  expect(portions.map(({ length }) => length)).toEqual([50, 50, 20])
  expect(keeper).toMatchObject({ done: 120, asked: 120 })
})

test('long lists are kept as soon as they have 5,000 tags together', async () => {
  const { portions, keeper } = keeping()
  for (let i = 0; i < 12; i += 1) await keeper.add(decided(`r${i}`, 1_000))
  await keeper.rest()
  expect(portions.map(({ length }) => length)).toEqual([5, 5, 2])
})

test('a list that is longer than its explanations is kept at once', async () => {
  const { portions, keeper } = keeping()
  await keeper.add(decided('small', 10))
  await keeper.add(decided('huge', 1_000, 50_000))
  expect(portions).toEqual([['small', 'huge']])
})

test('portions follow one another, and each keeps what is known of its lists before the decisions on them', async () => {
  const { portions, calls, keeper } = keeping()
  await Promise.all([1, 2, 3].map((i) => keeper.add(decided(`r${i}`, 5_000))))
  await keeper.rest()
  expect(portions.flat().sort()).toEqual(['r1', 'r2', 'r3'])
  const one = ['lists', 'decisions', 'confirmed']
  expect(calls).toEqual(calls.flatMap((_, i) => (i % 3 === 0 ? one : [])))
})
