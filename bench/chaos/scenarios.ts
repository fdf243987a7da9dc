import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestScheduleId, upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { Outcome } from '../../src/domain/status'
import type { ServiceName } from './config'
import type { ChaosHub } from './hub'
import { approve, approveContract, approveRelease, ended, eventually, over, untilTaken, upgradeTo } from './people'

/** What a story must have come to, however often its workers died. */
export interface Expected {
  service: ServiceName
  /** the upgrades of the round, oldest first: to which tag, and how they ended */
  upgrades: { tag: string; outcome: Outcome }[]
  /** what runs in the end */
  runs: string
  /** how often the template or its pause was changed: each patch once */
  changes: number
  /** how often a person had it go on after it was held */
  resumed?: number
}

export const goodTag = (round: number): string => `v1.${round}.0`
export const badTag = (round: number): string => `v1.${round}.0-never-ready.1`

/** Stories of one round, side by side; together they come through every step of every workflow. */
export type Story = (chaos: ChaosHub, round: number, before: Running) => Promise<Expected[]>
/** the tag that runs of each service */
export type Running = Record<ServiceName, string>

const succeeded = (tag: string) => ({ tag, outcome: 'succeeded' as const })
const rolledBack = (tag: string) => ({ tag, outcome: 'rolled-back' as const })

/** Migrations of one round: each notes itself, so that one that is done twice shows, and a trigger counts changes of rows. */
async function writeMigrations({ query, migrations }: ChaosHub, round: number): Promise<void> {
  const table = `transfer_${round}`
  await query(`create table if not exists done (what text);
    create table ${table} (id int primary key, quote_id text, changed int not null default 0);
    create or replace function count_change() returns trigger language plpgsql as $$
      begin if new.quote_id is distinct from old.quote_id then new.changed := old.changed + 1; end if; return new; end $$;
    create trigger counted before update on ${table} for each row execute function count_change();
    insert into ${table} (id) select generate_series(1, 3000); analyze ${table}`)
  const file = (phase: string, name: string, text: string): Promise<void> =>
    writeFile(join(migrations, phase, `${String(round).padStart(3, '0')}_${name}`), text)
  const noted = (phase: string, sql: string): string =>
    `exports.up = async (knex) => {
  await knex.raw("insert into done values ('${phase} ${round}')")
  await knex.raw('${sql}')
}
exports.down = () => Promise.reject(new Error('final'))
`
  await file('expand', 'seen.js', noted('expand', `alter table ${table} add column seen text`))
  await file(
    'backfill',
    'quote-id.yaml',
    `backfill:
  table: ${table}
  key: [id]
  set: { quote_id: "'q-' || id" }
  where: quote_id is null
`,
  )
  await file('contract', 'not-null.js', noted('contract', `alter table ${table} alter column quote_id set not null`))
}

const data: Story = async (chaos, round) => {
  const tag = goodTag(round)
  await writeMigrations(chaos, round)
  await chaos.hub.push('data', tag)
  await approve(chaos, 'data', tag)
  const { outcome } = await over(chaos, 'data', tag)
  if (outcome === 'succeeded') await approveContract(chaos, 'data', tag)
  // The image, the pause of the canary, and that it goes on.
  return [{ service: 'data', upgrades: [succeeded(tag)], runs: tag, changes: 3 }]
}

const init: Story = async (chaos, round) => {
  const tag = goodTag(round)
  await chaos.hub.push('init', tag)
  await approve(chaos, 'init', tag)
  await over(chaos, 'init', tag)
  // The init container, then the application.
  return [{ service: 'init', upgrades: [succeeded(tag)], runs: tag, changes: 2 }]
}

const sick: Story = async (chaos, round, { sick: runs }) => {
  const tag = badTag(round)
  await chaos.hub.push('sick', tag)
  await approve(chaos, 'sick', tag)
  await over(chaos, 'sick', tag)
  return [{ service: 'sick', upgrades: [rolledBack(tag)], runs, changes: 2 }]
}

const back: Story = async (chaos, round, { back: runs }) => {
  const tag = goodTag(round)
  await chaos.hub.push('back', tag)
  await approve(chaos, 'back', tag, true)
  const { outcome } = await over(chaos, 'back', tag)
  if (outcome !== 'succeeded') return []
  const isBack = async (): Promise<boolean> =>
    (await chaos.hub.store.upgrades.latest({ namespace: 'back', service: 'back' }))?.toTag === runs
  await untilTaken(chaos, ['rollback', 'back/back', '--reason', 'chaos', '--yes'], isBack)
  await over(chaos, 'back', runs)
  return [{ service: 'back', upgrades: [succeeded(tag), succeeded(runs)], runs, changes: 2 }]
}

/** Terminate leaves it to the next scan, which holds it; a person then has it go on. */
const lost: Story = async (chaos, round, { lost: runs }) => {
  const tag = badTag(round)
  const workflow = chaos.temporal.workflow.getHandle(upgradeWorkflowId('lost', 'lost'))
  await chaos.hub.push('lost', tag)
  await approve(chaos, 'lost', tag)
  await upgradeTo(chaos, 'lost', tag, ({ phase, outcome }) => phase === 'rollout' || outcome !== null)
  await eventually('lost is terminated', async () => {
    const isOver = ended((await chaos.hub.store.upgrades.latest({ namespace: 'lost', service: 'lost' }))!)
    if (!isOver) await workflow.terminate('chaos')
    return true
  })
  await over(chaos, 'lost', tag)
  return [{ service: 'lost', upgrades: [rolledBack(tag)], runs, changes: 2, resumed: 1 }]
}

async function play(chaos: ChaosHub, name: string, wanted: Record<string, string>): Promise<string> {
  const { hub } = chaos
  const file = join(hub.stack.stateDir, `release-${name}.yaml`)
  for (const [service, tag] of Object.entries(wanted)) await hub.push(service, tag)
  const lines = Object.entries(wanted).map(([service, tag]) => `  hub/${service}: ${tag}`)
  await writeFile(file, `release: ${name}\nservices:\n${lines.join('\n')}\n`)
  const isThere = async (): Promise<boolean> => (await hub.store.releases.latest(name)) !== undefined
  await untilTaken(chaos, ['release', 'start', file], isThere)
  return approveRelease(chaos, name)
}

/** One release that succeeds, and one whose second service fails, so that the others go back with it. */
const releases: Story = async (chaos, round) => {
  const [good, next, bad] = [goodTag(round), `v1.${round}.1`, badTag(round).replace('.0-', '.1-')]
  await play(chaos, `1.${round}.0`, { one: good, two: good, three: good })
  await play(chaos, `1.${round}.1`, { one: next, two: bad, three: next })
  return [
    { service: 'one', upgrades: [succeeded(good), rolledBack(next)], runs: good, changes: 3 },
    { service: 'two', upgrades: [succeeded(good), rolledBack(bad)], runs: good, changes: 3 },
    { service: 'three', upgrades: [succeeded(good), rolledBack(next)], runs: good, changes: 3 },
  ]
}

const digest: Story = async ({ temporal }) => {
  await eventually('a digest', async () => {
    const schedule = temporal.schedule.getHandle(digestScheduleId)
    const before = (await schedule.describe()).info.numActionsTaken
    await schedule.trigger()
    return (await schedule.describe()).info.numActionsTaken > before
  })
  await eventually('the digests end', async () => {
    const { count } = await temporal.workflow.count(`WorkflowType = 'digest' AND ExecutionStatus = 'Running'`)
    return count === 0
  })
  return []
}

/** An upgrade of something that does not run ends before it has a plan; a push is looked at at once. */
const strays: Story = async ({ operations, temporal, hub }, round) => {
  const workflowId = upgradeWorkflowId('nowhere', 'nothing')
  const candidate = { tag: goodTag(round), digest: `sha256:${'0'.repeat(64)}` }
  await eventually('an upgrade of nothing starts', async () => {
    await operations.startUpgrade(workflowId, { namespace: 'nowhere', service: 'nothing', candidate })
    return true
  })
  await eventually('a hint is left', async () => {
    await operations.scanRepositories([`${hub.stack.registry.host}/hub/one`])
    return true
  })
  await eventually('both end', async () => {
    const { count } = await temporal.workflow.count(
      `(WorkflowId = '${workflowId}' OR WorkflowType = 'hints') AND ExecutionStatus = 'Running'`,
    )
    return count === 0
  })
  return []
}

export const stories: Record<string, Story> = { data, init, sick, back, lost, releases, digest, strays }

/** Plays all stories of a round side by side. */
export async function playRound(chaos: ChaosHub, round: number, before: Running): Promise<Expected[]> {
  const played = await Promise.allSettled(
    Object.entries(stories).map(async ([name, story]) => {
      try {
        return await story(chaos, round, before)
      } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
      }
    }),
  )
  const failed = played.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []))
  if (failed.length > 0) throw new Error(failed.map(({ message }) => message).join('\n'))
  return played.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
}
