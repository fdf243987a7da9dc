import type { UpgradeRow } from '../../src/store/contracts'
import { twiceInData, wrongInData } from './check-data'
import { wrongAlerts, wrongInTemporal } from './check-told'
import type { ChaosHub } from './hub'
import { eventually } from './people'
import type { Expected } from './scenarios'

interface Deployment {
  metadata: { generation: number; annotations?: Record<string, string> }
  spec: {
    paused?: boolean
    replicas: number
    template: { spec: { containers: { image: string }[]; initContainers?: { image: string }[] } }
  }
  status: { observedGeneration?: number; replicas?: number; availableReplicas?: number; updatedReplicas?: number }
}

export const deploymentOf = async ({ hub }: ChaosHub, name: string): Promise<Deployment> =>
  JSON.parse(await hub.kubectl('-n', name, 'get', 'deployment', name, '-o', 'json')) as Deployment

const tagOf = (image: string): string => image.split('/').at(-1)?.split(':')[1]?.split('@')[0] ?? ''

/** What of law 9 one round has broken, in sentences; empty when nothing has. */
export async function violations(
  chaos: ChaosHub,
  expected: Expected[],
  { round, since, generations }: { round: number; since: Date; generations: Record<string, number> },
): Promise<string[]> {
  const perService = await Promise.all(
    expected.map(async (each) => {
      const before = generations[each.service] ?? 1
      return [
        ...(await wrongInCluster(chaos, each, before)),
        ...(await wrongInStore(chaos, each, since)),
        ...(await wrongRecord(chaos, each.service, since)),
      ]
    }),
  )
  return [
    ...perService.flat(),
    ...(await wrongInData(chaos, round)),
    ...(await wrongAlerts(chaos)),
    ...(await wrongInTemporal(chaos, since)),
  ]
}

/** Fully old or fully new, nothing left paused or marked, each change made once; `changes` absent: however often. */
async function wrongInCluster(
  chaos: ChaosHub,
  { service, runs, changes }: { service: string; runs: string; changes?: number },
  before = 0,
): Promise<string[]> {
  const settled = await eventually(`${service} settles`, async () => {
    const now = await deploymentOf(chaos, service)
    const { replicas, availableReplicas, updatedReplicas, observedGeneration } = now.status
    const counts = [replicas, availableReplicas, updatedReplicas]
    return observedGeneration === now.metadata.generation && counts.every((each) => each === now.spec.replicas) && now
  }).catch(() => undefined)
  if (!settled) return [`${service}: its Deployment does not settle`]
  const { metadata, spec } = settled
  const tags = [...new Set(spec.template.spec.containers.map(({ image }) => tagOf(image)))]
  const made = metadata.generation - before
  return [
    ...(tags.length === 1 && tags[0] === runs ? [] : [`${service}: runs ${tags.join(' and ')}, not ${runs}`]),
    ...(spec.paused ? [`${service}: its rollout is paused`] : []),
    ...(Object.keys(metadata.annotations ?? {}).some((each) => each.startsWith('refit.dev/paused'))
      ? [`${service}: a mark of Refit is left`]
      : []),
    ...(changes === undefined || made === changes
      ? []
      : [`${service}: its Deployment was changed ${made} times, not ${changes}`]),
  ]
}

const rowsOf = async ({ hub }: ChaosHub, service: string, since: Date): Promise<UpgradeRow[]> =>
  (await hub.store.upgrades.list({ namespace: service, service, limit: 100 }))
    .filter(({ startedAt, outcome }) => startedAt >= since && outcome !== 'superseded')
    // What a release put back is offered again, and waits.
    .filter(({ phase, outcome }) => outcome !== null || phase !== 'approval')
    .sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime())

/** Every upgrade ended as it had to. */
async function wrongInStore(
  chaos: ChaosHub,
  { service, upgrades, resumed = 0 }: Expected,
  since: Date,
): Promise<string[]> {
  const rows = await rowsOf(chaos, service, since)
  const was = rows.map(({ toTag, outcome, message }) => `${toTag} ${outcome ?? `open (${message})`}`).join(', ')
  const should = upgrades.map(({ tag, outcome }) => `${tag} ${outcome}`).join(', ')
  const wrong = was === should ? [] : [`${service}: its upgrades are ${was || 'none'}, not ${should}`]
  for (const row of rows) {
    const events = await chaos.hub.store.upgrades.events(row.id)
    const reopened = events.filter(({ kind }) => kind === 'reopened').length
    if (reopened !== resumed) wrong.push(`${service}: it was held and resumed ${reopened} times, not ${resumed}`)
  }
  return wrong
}

/** Nothing is on record twice, and nothing is left open. */
async function wrongRecord(chaos: ChaosHub, service: string, since: Date): Promise<string[]> {
  const { store } = chaos.hub
  const wrong: string[] = []
  for (const row of await rowsOf(chaos, service, since)) {
    const events = await store.upgrades.events(row.id)
    const times = (kind: string): number => events.filter((each) => each.kind === kind).length
    const ends = times('ended')
    if (row.outcome === null) wrong.push(`${service}: its upgrade ${row.id} is open`)
    if (row.outcome === 'held' && row.message === '') wrong.push(`${service}: ${row.id} is held without an account`)
    if (ends > 1 + times('reopened')) wrong.push(`${service}: it ended ${ends} times`)
    for (const { workload } of await store.snapshots.read(row.id)) {
      const patched = events.filter((each) => each.kind === 'patched' && each.message.startsWith(`${workload.name} `))
      if (patched.length > 1) wrong.push(`${service}: ${workload.name} is on record as patched ${patched.length} times`)
    }
  }
  return wrong
}

/**
 * What law 9 says whatever servers and people did: each service runs what its record says, nothing is on record twice, no
 * migration ran twice, no alert is lost.
 */
export async function violationsOfWalk(
  chaos: ChaosHub,
  { since, running }: { since: Date; running: Record<string, string> },
): Promise<string[]> {
  const wrong: string[] = []
  for (const service of Object.keys(running)) {
    const rows = await rowsOf(chaos, service, since)
    const last = rows.findLast(({ outcome, resolvedAs }) => outcome === 'succeeded' || resolvedAs === 'succeeded')
    if (last) running[service] = last.toTag
    wrong.push(...(await wrongRecord(chaos, service, since)))
    wrong.push(...(await wrongInCluster(chaos, { service, runs: running[service] ?? '' })))
  }
  return [
    ...wrong,
    ...(await twiceInData(chaos)),
    ...(await wrongAlerts(chaos)),
    ...(await wrongInTemporal(chaos, since)),
  ]
}
