import { readFileSync } from 'node:fs'
import { Runtime, Worker } from '@temporalio/worker'
import type { UpgradeRow } from '../../src/store/contracts'
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
  return [...wrong, ...(await twiceInData(chaos)), ...(await wrongAlerts(chaos)), ...(await wrongInTemporal(chaos, since))]
}

/** Of all rounds so far. */
async function twiceInData({ query, hub }: ChaosHub): Promise<string[]> {
  const twice = await query<{ what: string }>('select what from done group by 1 having count(*) > 1')
  const wrong = twice.map(({ what }) => `data: ${what} ran more than once`)
  const tables = await query<{ name: string }>(
    `select relname as name from pg_class where relname like 'transfer\\_%' and relkind = 'r'`,
  )
  for (const { name } of tables) {
    const [rows] = await query<{ most: number }>(`select max(changed) as most from ${name}`)
    if ((rows?.most ?? 0) > 1) wrong.push(`data: rows of ${name} were filled ${rows?.most} times`)
  }
  if ((await hub.store.data.listOpen()).length > 0) wrong.push('data: its data workflow is open')
  return wrong
}

/** The schema is what the plan says, each migration ran once, each row was filled once, and no lock is left. */
async function wrongInData({ query, hub }: ChaosHub, round: number): Promise<string[]> {
  const done = (await query<{ what: string; times: number }>(`select what, count(*)::int as times from done group by 1`))
    .filter(({ what }) => what.endsWith(` ${round}`))
    .sort((a, b) => (a.what < b.what ? 1 : -1))
  const wrong: string[] = []
  const said = done.map(({ what, times }) => `${what}: ${times}`).join(', ')
  if (said !== `expand ${round}: 1, contract ${round}: 1`) wrong.push(`data: migrations ran: ${said}`)
  const [rows] = await query<{ least: number; most: number; empty: number }>(
    `select min(changed) as least, max(changed) as most, count(*) filter (where quote_id is null)::int as empty from transfer_${round}`,
  )
  if (rows?.least !== 1 || rows.most !== 1 || rows.empty !== 0)
    wrong.push(`data: rows were filled ${rows?.least} to ${rows?.most} times, ${rows?.empty} are empty`)
  const columns = await query<{ attname: string; attnotnull: boolean }>(
    `select attname, attnotnull from pg_attribute where attrelid = 'transfer_${round}'::regclass and attname in ('quote_id', 'seen') and not attisdropped order by 1`,
  )
  const shape = columns.map(({ attname, attnotnull }) => `${attname}${attnotnull ? ' not null' : ''}`).join(', ')
  if (shape !== 'quote_id not null, seen') wrong.push(`data: its schema has ${shape}`)
  const locks = await query<{ count: number }>(
    `select count(*)::int as count from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = 'data')`,
  )
  if (locks[0]?.count !== 0) wrong.push(`data: ${locks[0]?.count} locks are left`)
  const runs = (await hub.store.data.list()).filter(({ outcome }) => outcome !== 'succeeded')
  for (const { service, outcome, message } of runs)
    wrong.push(`${service}: its data workflow is ${outcome ?? 'open'} (${message})`)
  return wrong
}

/** Whatever was to be told arrived; one news came under one id, with one body. */
async function wrongAlerts(chaos: ChaosHub): Promise<string[]> {
  const waiting = () =>
    chaos.hub.query<{ key: string }>(`select key from outbox where sent_at is null order by id`)
  await eventually('the outbox empties', async () => (await waiting()).length === 0).catch(() => undefined)
  const wrong = (await waiting()).map(({ key }) => `alert ${key} is not sent`)
  const bodies = new Map<string, string>()
  for (const { headers, body } of chaos.alerts.received) {
    const id = String(headers['webhook-id'])
    if ((bodies.get(id) ?? body) !== body) wrong.push(`alert ${id} came with two texts`)
    bodies.set(id, body)
  }
  const kept = await chaos.hub.query<{ count: number }>(`select count(*)::int as count from outbox`)
  if (bodies.size !== kept[0]?.count) wrong.push(`${kept[0]?.count} alerts are kept, ${bodies.size} arrived`)
  const told = new Map<string, number>()
  for (const body of bodies.values()) {
    const { title, text, thread } = (JSON.parse(body) as { data: Record<'title' | 'text' | 'thread', string> }).data
    // What is no upgrade's may come again: a registry that is away, twice.
    if (!thread) continue
    const news = `${thread}: ${title}: ${text}`
    told.set(news, (told.get(news) ?? 0) + 1)
  }
  for (const [news, times] of told) if (times > 1) wrong.push(`told ${times} times: ${news}`)
  for (const row of await chaos.hub.store.upgrades.list({ limit: 1_000 })) {
    if (row.outcome === null || row.outcome === 'superseded') continue
    if (![...told.keys()].some((each) => each.startsWith(`${row.id}: `)))
      wrong.push(`nobody was told of the upgrade ${row.id} of ${row.service}`)
  }
  return wrong
}

/** No workflow but scans is open or failed, and today's code goes through every history in the same steps. */
async function wrongInTemporal({ temporal, program }: ChaosHub, since: Date): Promise<string[]> {
  const wrong: string[] = []
  const options = { workflowBundle: { code: readFileSync(program.bundle.codePath, 'utf8'), ...program.bundle } }
  const query = `StartTime > '${since.toISOString()}'`
  for await (const { workflowId, runId, type, status } of temporal.workflow.list({ query })) {
    const isOpen = status.name === 'RUNNING'
    if (isOpen && type !== 'scan') wrong.push(`${workflowId} is open`)
    if (['FAILED', 'TIMED_OUT'].includes(status.name)) wrong.push(`${workflowId} ${status.name.toLowerCase()}`)
    if (isOpen || type === 'scan') continue
    try {
      const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory()
      await Worker.runReplayHistory(options, history, workflowId)
    } catch (error) {
      wrong.push(`${workflowId} does not replay: ${String(error).split('\n')[0]}`)
    }
  }
  return wrong
}

/** Replays say every step of theirs. */
export const quietly = (): void => {
  Runtime.install({ telemetryOptions: { logging: { filter: 'OFF' } } })
}
