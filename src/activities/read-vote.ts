import type { PersonVerb } from '../domain/approval-message'
import type { Store, VoteRow } from '../store/contracts'
import type { UpgradeKey, VoteRead } from './contracts'
import type { Dependencies } from './dependencies'

/**
 * Reads votes back by their ids: what a logged-in person said stands in the store, and nothing else that travels through
 * Temporal says who they were. Ids without a row are left out of the answer; a row of another upgrade or verb is forged.
 */
export const readVote =
  ({ store }: Pick<Dependencies, 'store'>) =>
  async ({
    upgradeId,
    planHash,
    votes,
  }: UpgradeKey & { votes: { id: string; verb: PersonVerb }[] }): Promise<Record<string, VoteRead>> => {
    const { namespace, name: service } = await addresseeOf(store, { upgradeId, planHash })
    const read: Record<string, VoteRead> = {}
    for (const { id, verb } of votes) {
      const row = await store.votes.read(id)
      if (row) read[id] = judge(row, { upgradeId, verb, namespace, service })
    }
    return read
  }

/** Of a release it is the release: its votes name no namespace. */
async function addresseeOf(
  store: Store,
  { upgradeId, planHash }: UpgradeKey,
): Promise<{ namespace: string; name: string }> {
  const release = await store.releases.read(upgradeId)
  return release ? { namespace: '', name: release.name } : (await store.plans.read(planHash)).service
}

interface Wanted {
  upgradeId: string
  verb: PersonVerb
  namespace: string
  service: string
}

function judge(row: VoteRow, wanted: Wanted): VoteRead {
  if (row.namespace !== wanted.namespace || row.service !== wanted.service)
    return { kind: 'forged', because: `the vote is of ${row.namespace}/${row.service}` }
  if (row.upgradeId !== wanted.upgradeId)
    return { kind: 'forged', because: `the vote is of upgrade ${row.upgradeId}, not of ${wanted.upgradeId}` }
  if (row.verb !== wanted.verb) return { kind: 'forged', because: `the vote says ${row.verb}, not ${wanted.verb}` }
  const { verb, by, planHash, reason, changeReference, overrideFreeze, until, groups, via } = row
  return {
    kind: 'vote',
    said: {
      ...{ verb, by, planHash, reason, changeReference, overrideFreeze, now: row.now || overrideFreeze },
      ...(until ? { until: until.getTime() } : {}),
    },
    speaker: { by, verified: true, groups, via },
  }
}
