import { readFileSync } from 'node:fs'
import { Runtime, Worker } from '@temporalio/worker'
import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import { ofReleases } from './config'
import type { ChaosHub } from './hub'
import { eventually } from './people'

/** Whatever was to be told arrived; one news came under one id, with one body. */
export async function wrongAlerts(chaos: ChaosHub): Promise<string[]> {
  const waiting = () => chaos.hub.query<{ key: string }>(`select key from outbox where sent_at is null order by id`)
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
  return [...wrong, ...(await wrongNews(chaos, [...bodies.values()]))]
}

interface News {
  title: string
  text: string
  thread?: string
}

/** Of what people do about one end, each word once; a refused message may be sent again, and a resumed upgrade rolls again. */
async function wrongNews({ hub }: ChaosHub, bodies: string[]): Promise<string[]> {
  const news = bodies.map((body) => (JSON.parse(body) as { data: News }).data)
  const wrong: string[] = []
  for (const { id, service, outcome } of await hub.store.upgrades.list({ limit: 1_000 })) {
    if (outcome === null || outcome === 'superseded') continue
    const events = await hub.store.upgrades.events(id)
    const resumed = events.filter(({ kind }) => kind === 'reopened').length
    const own = news.filter(({ thread, title }) => thread === id && !title.endsWith('a message was refused'))
    if (own.length === 0) wrong.push(`nobody was told of the upgrade ${id} of ${service}`)
    for (const { title, text } of own) {
      const times = own.filter((each) => each.title === title && each.text === text).length
      if (times > 1 + resumed) wrong.push(`told ${times} times: ${title}`)
    }
  }
  return [...new Set(wrong)]
}

/** Put back by a release they are offered again, and wait for a person. */
const mayWait = ofReleases.map((name) => upgradeWorkflowId(name, name))

/** No workflow but scans stays open, none failed, and today's code goes through every history in the same steps. */
export async function wrongInTemporal({ temporal, program }: ChaosHub, since: Date): Promise<string[]> {
  const workflowBundle = { code: readFileSync(program.bundle.codePath, 'utf8') }
  const began = `StartTime > '${since.toISOString()}' AND WorkflowType != 'scan'`
  const all = async (query: string) => {
    const found = []
    for await (const each of temporal.workflow.list({ query })) found.push(each)
    return found
  }
  const open = async () =>
    (await all(`${began} AND ExecutionStatus = 'Running'`)).filter(({ workflowId }) => !mayWait.includes(workflowId))
  await eventually('every workflow ends', async () => (await open()).length === 0).catch(() => undefined)
  const wrong = (await open()).map(({ workflowId }) => `${workflowId} is open`)
  for (const { workflowId, runId, status } of await all(`${began} AND ExecutionStatus != 'Running'`)) {
    if (['FAILED', 'TIMED_OUT'].includes(status.name)) wrong.push(`${workflowId} ${status.name.toLowerCase()}`)
    try {
      const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory()
      await Worker.runReplayHistory({ workflowBundle }, history, workflowId)
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
