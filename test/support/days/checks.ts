/** What must hold after simulated days, each as sentences about what does not; and the figures. */
import { hubRules, mayStart, rulesOf, serviceNo } from './hub'
import type { Story } from './story'
import type { World } from './world'

export interface Counts {
  releases: number
  /** what became of each release: they add up to `releases` */
  became: Record<string, number>
  /** upgrades by how they ended; `open` at the end */
  upgrades: Record<string, number>
  patches: { forward: number; back: number }
  approvalsUsed: number
  alerts: { stored: number; taken: number; takenTwice: number }
}

interface Upgrade {
  id: string
  namespace: string
  service: string
  plan_hash: string
  to_tag: string
  to_digest: string
  outcome: string | null
  patched: boolean
  started_at: Date
  preflight_at: Date | null
}

const upgradesSql = `select u.id, u.namespace, u.service, u.plan_hash, u.to_tag, u.to_digest, u.outcome, u.started_at,
    exists (select from upgrade_event e where e.upgrade_id = u.id and e.kind = 'patched') as patched,
    (select min(at) from upgrade_event e where e.upgrade_id = u.id and e.phase = 'preflight') as preflight_at
  from upgrade u order by u.started_at, u.id`

/** A rollout that began in its window ends in it, give or take this. */
const toleranceMs = 5 * 60_000

/** No image is changed outside of its namespace's windows and freezes, by a calculation of the simulation's own. */
export const checkWindows = ({ patches, start }: World): string[] =>
  patches
    .filter(({ namespace, at }) => {
      const rules = rulesOf(namespace)
      return !mayStart(rules, at, start) && !mayStart(rules, at - toleranceMs, start)
    })
    .map(
      ({ at, namespace, name, image }) =>
        `${namespace}/${name} was set to ${image} at ${new Date(at).toISOString()}, outside of its window`,
    )

/** Each upgrade that patched had its own people's yes to its own plan, between its question and its start. */
export async function checkApprovals({ rows }: World): Promise<string[]> {
  const upgrades = await rows<Upgrade>(upgradesSql)
  const votes = await rows<{ id: string; upgrade_id: string; plan_hash: string; by: string; at: Date }>(
    `select id, upgrade_id, plan_hash, by, at from vote where verb = 'approve'`,
  )
  const events = await rows<{ upgrade_id: string; by: string | null }>(
    `select upgrade_id, by from upgrade_event where kind = 'approved'`,
  )
  return upgrades
    .filter(({ patched }) => patched)
    .flatMap((upgrade) => {
      const { id, namespace, plan_hash, preflight_at } = upgrade
      const { required } = rulesOf(namespace)
      const counted = votes.filter(
        (vote) => vote.upgrade_id === id && vote.plan_hash === plan_hash && vote.at <= (preflight_at ?? vote.at),
      )
      const people = new Set(counted.map(({ by }) => by)).size
      const approved = events.filter((event) => event.upgrade_id === id)
      return [
        ...(people < required ? [`${id} patched with ${people} of ${required} approvals of its own`] : []),
        ...(approved.length > 1 ? [`${id} was approved ${approved.length} times`] : []),
        ...(required > 0 && approved.length === 0 ? [`${id} patched without being approved`] : []),
        ...(approved.some(({ by }) => by?.startsWith('mallory')) ? [`${id} believed a claimed name`] : []),
      ]
    })
}

export const alertsLeft = async ({ rows }: World): Promise<number> =>
  Number((await rows<{ count: string }>(`select count(*) from outbox where sent_at is null`))[0]?.count)

/** What had to be told was stored, what was stored was taken, and what came twice was the same. */
export async function checkAlerts(world: World): Promise<string[]> {
  const { rows, receivers } = world
  const left = await alertsLeft(world)
  const untold = await rows<{ upgrade_id: string; key: string }>(
    `select upgrade_id, key from upgrade_event e
     where (kind = 'ended' or (kind = 'entered' and phase in ('approval', 'rollout', 'rollback')))
       and not exists (select from outbox o where o.target = 'webhook#1' and o.key = 'upgrade/' || e.upgrade_id || '/' || e.key)
       and not exists (select from upgrade u where u.id = e.upgrade_id and u.outcome = 'up-to-date')`,
  )
  const stored = await rows<{ target: string; id: string }>(
    `select target, (alert->>'hub') || '/' || (alert->>'key') as id from outbox where dead_at is null`,
  )
  const missing = stored.filter(({ target, id }) => !receivers[Number(target.slice(-1)) - 1]?.taken.has(id))
  const differing = receivers.flatMap(({ taken }) => [...taken].filter(([, bodies]) => new Set(bodies).size > 1))
  return [
    ...(left > 0 ? [`${left} alerts were never sent`] : []),
    ...untold.map(({ upgrade_id, key }) => `nobody was told of ${key} of ${upgrade_id}`),
    ...missing.map(({ target, id }) => `${target} never took ${id}`),
    ...differing.map(([id]) => `${id} came with different contents`),
  ]
}

/** Rows, patches and what runs tell the same story; nothing went backwards, and no release succeeded twice. */
export async function checkBalance(world: World, story: Story): Promise<string[]> {
  const upgrades = await world.rows<Upgrade>(upgradesSql)
  const { patches, upgrades: by, became, releases } = await countsOf(world, story)
  const patched = upgrades.filter((each) => each.patched).length
  const back = by['rolled-back'] ?? 0
  const sum = Object.values(became).reduce((total, count) => total + count, 0)
  const services = hubRules.length * 10
  return [
    ...(patches.forward === patched
      ? []
      : [`${patches.forward} patches forward, and ${patched} upgrades that patched`]),
    ...(patches.back === back ? [] : [`${patches.back} patches back, and ${back} upgrades that were rolled back`]),
    ...(sum === releases ? [] : [`${releases} releases, of which ${sum} are accounted for`]),
    ...(by.held ? [`${by.held} upgrades were held`] : []),
    ...Array.from({ length: services }, (_, index) => index).flatMap((index) => {
      const { namespace, name } = serviceNo(index)
      const tags = upgrades
        .filter((each) => each.service === name && each.outcome === 'succeeded')
        .map(({ to_tag }) => Number(to_tag.split('.').at(-1)))
      const isRising = tags.every((tag, at) => at === 0 || tag > (tags[at - 1] ?? 0))
      const runs = world.cluster.image(namespace, name).replace(/^[^/]+\/[^:]+:|@.*$/g, '')
      const expected = `v1.0.${tags.at(-1) ?? 0}`
      return [
        ...(isRising ? [] : [`${namespace}/${name} went backwards or twice: ${tags.join(', ')}`]),
        ...(runs === expected ? [] : [`${namespace}/${name} runs ${runs}, and its record says ${expected}`]),
      ]
    }),
  ]
}

export async function countsOf(world: World, story: Story): Promise<Counts> {
  const upgrades = await world.rows<Upgrade>(upgradesSql)
  const [alerts] = await world.rows<{ count: string }>(`select count(*) from outbox`)
  const taken = world.receivers.flatMap((each) => [...each.taken.values()])
  const approvals = new Set(
    upgrades.filter((each) => each.patched && rulesOf(each.namespace).required > 0).map(({ id }) => id),
  )
  const votes = await world.rows<{ upgrade_id: string }>(`select upgrade_id from vote where verb = 'approve'`)
  const back = world.patches.filter(({ image, name }, index) => goesBack(world, index, name, image)).length
  return {
    releases: story.releases.length,
    became: becameOf(upgrades, story),
    upgrades: tally(upgrades.map(({ outcome }) => outcome ?? 'open')),
    patches: { forward: world.patches.length - back, back },
    approvalsUsed: votes.filter((vote) => approvals.has(vote.upgrade_id)).length,
    alerts: {
      stored: Number(alerts?.count),
      taken: taken.length,
      takenTwice: taken.filter((bodies) => bodies.length > 1).length,
    },
  }
}

/** To a lower version than the patch before it. */
function goesBack({ patches }: World, index: number, name: string, image: string): boolean {
  const before = patches
    .slice(0, index)
    .filter((each) => each.name === name)
    .at(-1)
  return before !== undefined && numberOf(image) < numberOf(before.image)
}

const numberOf = (image: string): number => Number(/:v1\.0\.(\d+)/.exec(image)?.[1] ?? NaN)

/** What became of each release, by the best that any of its upgrades came to. */
function becameOf(upgrades: readonly Upgrade[], story: Story): Record<string, number> {
  const numbers = new Map<number, number>()
  const best = ['succeeded', 'rolled-back', 'rejected']
  const words = [...story.releases]
    .sort((a, b) => a.minute - b.minute)
    .map(({ service }) => {
      const number = (numbers.get(service) ?? 0) + 1
      numbers.set(service, number)
      return { service, number }
    })
    .map(({ service, number }) => {
      const { name } = serviceNo(service)
      const outcomes = upgrades
        .filter((each) => each.service === name && each.to_tag === `v1.0.${number}`)
        .map(({ outcome }) => outcome ?? 'open')
      const ended = best.find((each) => outcomes.includes(each))
      if (ended) return ended
      if (number < (numbers.get(service) ?? 0)) return 'overtaken'
      return 'still waits'
    })
  return tally(words)
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
