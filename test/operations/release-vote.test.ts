import { type ReleaseVerb, voteRelease } from '../../src/operations/release-vote'
import type { ReleaseRow } from '../../src/store/contracts'
import { fakeStore, fakeTemporal } from './support'

async function say(verb: ReleaseVerb, planHash?: string) {
  const { store, votes } = fakeStore({})
  const { temporal, sent } = fakeTemporal()
  const unplanned = { id: 'r1', name: 'r', hash: null } as ReleaseRow
  const releases = { ...store.releases, listOpen: () => Promise.resolve([unplanned]) }
  const request = { name: 'r', by: 'ana', verified: { groups: [], via: 'token' as const }, planHash }
  const asked = voteRelease({ store: { ...store, releases }, temporal: temporal }, verb, request)
  const result = await asked.catch((error: unknown) => error)
  return { result, votes, sent }
}

test.each<ReleaseVerb>(['approve', 'reject'])(
  'to %s a release whose plan is not made is refused before a vote that names no plan is kept',
  async (verb) => {
    const { result, votes, sent } = await say(verb)
    expect(result).toMatchObject({
      code: 'APPROVAL_REFUSED',
      message: 'Release r has no plan yet that could be answered.',
    })
    expect([votes, sent]).toEqual([[], []])
  },
)

test('it may be aborted all the same, and a plan that is named is', async () => {
  expect((await say('abort')).sent).toHaveLength(1)
  expect((await say('approve', '0123456789ab')).votes).toMatchObject([{ planHash: '0123456789ab' }])
})
