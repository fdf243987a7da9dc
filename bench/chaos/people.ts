import { voteData } from '../../src/operations/data-vote'
import { voteRelease } from '../../src/operations/release-vote'
import { castVote } from '../../src/operations/vote'
import type { UpgradeRow } from '../../src/store/contracts'
import { ofReleases } from './config'
import type { ChaosHub } from './hub'

/** Workers and servers die all the while on a busy machine: what takes longer than this does not come any more. */
const patienceMs = 900_000

/** Waits for a condition by asking; an answer that fails is asked for again. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  let last: unknown
  for (const begun = Date.now(); Date.now() - begun < patienceMs;) {
    try {
      const answer = await ask()
      if (answer) return answer
      last = undefined
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error(`${what} does not come${last instanceof Error ? `: ${last.message}` : ''}`)
}

export const waits = ({ phase, waitingFor, outcome }: UpgradeRow): boolean =>
  phase === 'approval' && waitingFor !== '' && outcome === null
export const ended = ({ outcome }: UpgradeRow): boolean => outcome !== null

/** The service's newest upgrade, once it is one to this tag and as asked. */
export const upgradeTo = (
  { hub }: ChaosHub,
  name: string,
  tag: string,
  done: (row: UpgradeRow) => boolean,
): Promise<UpgradeRow> =>
  eventually(`an upgrade of ${name} to ${tag} as asked`, async () => {
    const row = await hub.store.upgrades.latest({ namespace: name, service: name })
    return row && row.toTag === tag && done(row) && row
  })

const of = (name: string) => ({ namespace: name, service: name })

/** Says yes until it is heard; with a login behind the name, or as anybody. */
export async function approve(chaos: ChaosHub, name: string, tag: string, verified = false): Promise<UpgradeRow> {
  await upgradeTo(chaos, name, tag, (row) => waits(row) || ended(row))
  return eventually(`${name} hears its approval`, async () => {
    const row = await chaos.hub.store.upgrades.latest(of(name))
    if (!row || row.toTag !== tag) return undefined
    if (row.phase !== 'approval' || ended(row)) return row
    await castVote({ store: chaos.hub.store, temporal: chaos.operations }, 'approve', {
      ...{ key: of(name), by: 'ops@example.org', planHash: row.planHash, requestId: `${row.id}/yes` },
      ...(verified ? { verified: { groups: ['ops'], via: 'token' } } : {}),
    })
    return undefined
  })
}

/** The upgrade once it is over; one that is held goes on, as a person has it who has looked. */
export const over = (chaos: ChaosHub, name: string, tag: string): Promise<UpgradeRow> =>
  eventually(`the upgrade of ${name} to ${tag} is over`, async () => {
    const row = await chaos.hub.store.upgrades.latest(of(name))
    if (row?.toTag !== tag || row.outcome === null) return undefined
    if (row.outcome !== 'held') return row
    const { output } = await chaos.refit('resume', `${name}/${name}`, '--reason', 'chaos', '--yes')
    throw new Error(`it is held (${row.message}); refit resume: ${output}`)
  })

/** A person looks some time after an upgrade has ended whether its data workflow runs. */
const noticesMs = 120_000

/** Says yes to the contract of a data workflow until that has succeeded; starts it again where it stands or never began. */
export function approveContract(chaos: ChaosHub, name: string, tag: string): Promise<true> {
  const { store } = chaos.hub
  const since = Date.now()
  return eventually(`the data of ${name} ${tag} is done`, async () => {
    const run = await store.data.latest(of(name))
    const isAway = run?.toTag !== tag && Date.now() - since > noticesMs
    if (isAway || (run?.toTag === tag && run.outcome !== null && run.outcome !== 'succeeded')) {
      const { output } = await chaos.refit('data', 'start', `${name}/${name}`, '--yes')
      throw new Error(`its data workflow is ${run?.outcome} (${run?.message}); refit data start: ${output}`)
    }
    if (run?.toTag !== tag) return undefined
    if (run.outcome === 'succeeded') return true
    if (run.phase === 'approval')
      await voteData({ store, temporal: chaos.operations }, 'approve', {
        ...{ key: of(name), by: 'ops@example.org', planHash: run.planHash },
      })
    return undefined
  })
}

/** Says yes to a release until that has ended. */
export const approveRelease = (chaos: ChaosHub, name: string): Promise<string> =>
  eventually(`release ${name} ends`, async () => {
    const { store } = chaos.hub
    const release = await store.releases.latest(name)
    if (!release) return undefined
    if (release.outcome !== null) return release.outcome
    if (release.phase === 'approval' && release.hash)
      await voteRelease({ store, temporal: chaos.operations }, 'approve', {
        ...{ name, by: 'ops@example.org', planHash: release.hash },
      })
    return undefined
  })

/** Types a command until it is taken, or until what it is for has come about. */
export const untilTaken = (
  chaos: ChaosHub,
  args: string[],
  isDone: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<true> =>
  eventually(`refit ${args.join(' ')} is taken`, async () => {
    if (await isDone()) return true
    const { code, output } = await chaos.refit(...args)
    if (code === 0 || (await isDone())) return true
    throw new Error(output)
  })

/** Says yes to every upgrade that waits, for as long as it is not stopped: after a reset one is asked again. */
export function approveAll(chaos: ChaosHub): () => Promise<void> {
  let isOn = true
  const turn = async (): Promise<void> => {
    const open = (await chaos.hub.store.upgrades.listOpen()).filter(waits)
    // Those of the releases' services are for their releases to start.
    for (const { namespace, service, planHash } of open.filter((each) => !ofReleases.includes(each.service)))
      await castVote({ store: chaos.hub.store, temporal: chaos.operations }, 'approve', {
        ...{ key: { namespace, service }, by: 'ops@example.org', planHash },
      }).catch(() => undefined)
  }
  const running = (async () => {
    while (isOn) {
      await turn().catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
  })()
  return async () => {
    isOn = false
    await running
  }
}
