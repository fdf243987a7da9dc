import { RefitError } from '../domain/errors'
import { actorWords } from '../domain/freeze-alerts'
import { instant } from '../domain/text'
import type { Store } from '../store/contracts'
import type { Remaining } from './remains'
import type { HubTemporal } from './temporal'

/** What `refit uninstall -o json` prints. */
export interface Uninstalled {
  dryRun: boolean
  /** the Schedules that were removed, or would be */
  schedules: string[]
  /** that asked for work within the last 75 seconds: one that starts anew makes the Schedules again */
  workers: number
  remains: Remaining[]
}

interface Deps {
  store: {
    upgrades: Pick<Store['upgrades'], 'listOpen' | 'listHeld'>
    data: Pick<Store['data'], 'listOpen'>
    releases: Pick<Store['releases'], 'listOpen'>
    schedules: Pick<Store['schedules'], 'note'>
  }
  temporal: Pick<HubTemporal, 'namespace' | 'openWorkflows' | 'workers' | 'schedules' | 'removeSchedule'>
}

interface Request {
  by: string
  verified: boolean
  dryRun: boolean
  /** how long scans that run are waited for */
  scansEndWithinMs?: number
}

const pollEveryMs = 250

/**
 * Removes the Schedules, so that nothing is started any more; data is never removed. UNINSTALL_REFUSED, with what to end
 * and how, while something is open or held, also when a scan that still ran has started it meanwhile.
 */
export async function uninstall(
  deps: Deps,
  { by, verified, dryRun, scansEndWithinMs = 60_000 }: Request,
  now: Date,
): Promise<Omit<Uninstalled, 'remains'>> {
  const { store, temporal } = deps
  await assertNothingRuns(deps)
  const workers = await temporal.workers()
  const there = (await temporal.schedules()).filter(({ state }) => state !== 'missing').map(({ id }) => id)
  if (dryRun) return { dryRun, schedules: there, workers }
  const note = `removed by ${actorWords({ by, verified })} at ${instant(now)}: refit uninstall`
  for (const schedule of there) {
    await temporal.removeSchedule(schedule)
    await store.schedules.note({ schedule, paused: true, note, by, verified })
  }
  // Without a worker no scan ends, and none starts anything either.
  if (workers > 0) await scansEnd(temporal, scansEndWithinMs)
  await assertNothingRuns(deps)
  return { dryRun, schedules: there, workers }
}

async function scansEnd(temporal: Deps['temporal'], withinMs: number): Promise<void> {
  for (const until = Date.now() + withinMs; ;) {
    const running = await temporal.openWorkflows(['scan', 'hints', 'digest'])
    if (running.length === 0) return
    if (Date.now() >= until)
      throw new RefitError(
        'WAIT_EXPIRED',
        `${running.join(', ')} has not ended yet; the Schedules are removed.`,
        'Run refit uninstall again.',
      )
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs))
  }
}

async function assertNothingRuns({ store, temporal }: Deps): Promise<void> {
  const [open, held, data, releases, workflows] = await Promise.all([
    store.upgrades.listOpen(),
    store.upgrades.listHeld(),
    store.data.listOpen(),
    store.releases.listOpen(),
    temporal.openWorkflows(['upgrade', 'data', 'release']),
  ])
  const known = new Set([
    ...open.map(({ namespace, service }) => `refit/upgrade/${namespace}/${service}`),
    ...data.map(({ namespace, service }) => `refit/data/${namespace}/${service}`),
    ...releases.map(({ name }) => `refit/release/${name}`),
  ])
  const reasons = [
    ...releases.map(({ name, phase }) => `release ${name} is in phase ${phase}: refit release abort`),
    ...open.map(
      ({ namespace, service, toTag, phase }) =>
        `the upgrade of ${namespace}/${service} to ${toTag} is in phase ${phase}: refit ${phase === 'approval' ? 'reject' : 'abort'} ${namespace}/${service} --reason TEXT`,
    ),
    ...held.map(
      ({ namespace, service, toTag }) =>
        `the upgrade of ${namespace}/${service} to ${toTag} is held: refit resolve ${namespace}/${service} --reason TEXT`,
    ),
    ...data.map(
      ({ namespace, service, phase }) =>
        `the data workflow of ${namespace}/${service} is in phase ${phase}: refit data abort ${namespace}/${service} --reason TEXT`,
    ),
    ...workflows.filter((id) => !known.has(id)).map((id) => `workflow ${id} runs: refit status`),
  ]
  if (reasons.length === 0) return
  throw new RefitError(
    'UNINSTALL_REFUSED',
    `Something is not at its end:${reasons.map((reason) => `\n  ${reason}`).join('')}\n`,
    'End or finish each of them, then run refit uninstall again. Refit keeps the account of what is where until then.',
  )
}
