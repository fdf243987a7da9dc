import type { Phase } from '../src/domain/status'
import { signalCommand, upgradeWorkflowId } from '../src/domain/temporal-names'
import type { UpgradeRow } from '../src/store/contracts'
import { runCommand } from './refit'
import type { Stage } from './stage'
import { upgradeWhere } from './upgrade-where'

export interface ActResult {
  act: string
  expected: string
  outcome: string
  /** seconds in each phase */
  phases: Record<string, number>
  requests: number | null
  failed: number | null
}

export interface Act {
  act: string
  /** `ledger:v1.0.1` */
  release: string
  /** another tag for the same image */
  publishAs?: string
  tag: string
  expected: string
  during: (upgrade: UpgradeRow) => Promise<void>
}

const key = { namespace: 'hub', service: 'ledger' }
const workflowId = upgradeWorkflowId(key.namespace, key.service)
/** Bounds every wait of the demo: beyond it something is wrong, and the demo says what it waited for. */
const patienceMs = 180_000

/** One upgrade from publishing to its end, measured by the load that ran meanwhile. */
export async function playUpgrade(
  stage: Stage,
  { act, release, publishAs, tag, expected, during }: Act,
): Promise<ActResult> {
  stage.screen.act(act)
  const before = stage.load?.last
  await stage.publish(release)
  if (publishAs && publishAs !== release.split(':')[1]) await stage.copyTag(release, publishAs)
  const waiting = await waitForUpgrade(
    stage,
    tag,
    'an approval',
    ({ phase, outcome }) => phase === 'approval' || outcome !== null,
  )
  stage.screen.say(
    `found by the scan: ${waiting.fromTag} → ${waiting.toTag}, plan ${waiting.planHash} waits for ${waiting.waitingFor || 'nobody'}`,
  )
  await during(waiting)
  const ended = await waitForUpgrade(stage, tag, 'its end', ({ outcome }) => outcome !== null)
  stage.screen.say(`${ended.toTag}: ${ended.outcome} (${ended.message})`)
  const after = stage.load?.last
  return {
    act,
    expected,
    outcome: ended.outcome ?? 'open',
    phases: await secondsPerPhase(stage, ended),
    requests: before && after ? after.sent - before.sent : null,
    failed: before && after ? after.failed - before.failed : null,
  }
}

/** With the `temporal` CLI, as anybody can without Refit's. */
export async function approveBySignal(stage: Stage, planHash: string): Promise<void> {
  const { address, namespace } = stage.stack.temporal
  const input = { by: 'ops@example.org', planHash }
  stage.screen.command(signalCommand({ temporalNamespace: namespace, workflowId, name: 'approve', input }))
  const args = [
    'workflow',
    'signal',
    '--address',
    address,
    '--namespace',
    namespace,
    '-w',
    workflowId,
    '--name',
    'approve',
    '--input',
    JSON.stringify(input),
  ]
  const { code, output } = await runCommand(stage.stack.bin.temporal, args, stage.env)
  if (code !== 0) throw new Error(`temporal workflow signal: ${output}`)
}

export async function approveByRefit(stage: Stage, planHash: string): Promise<void> {
  stage.screen.command(`refit approve hub/ledger --plan ${planHash}`)
  const { code, output } = await stage.refit.run('approve', 'hub/ledger', '--plan', planHash, '--yes')
  if (code !== 0) throw new Error(`refit approve: ${output}`)
}

/** Another plan's hash must not count, whoever sends it. Returns `refused` when it did not. */
export async function approveWrongPlan(stage: Stage, planHash: string): Promise<string> {
  const wrong = planHash.startsWith('f') ? '000000000000' : 'ffffffffffff'
  stage.screen.command(`refit approve hub/ledger --plan ${wrong}`)
  const { code, output } = await stage.refit.run('approve', 'hub/ledger', '--plan', wrong, '--yes')
  stage.screen.say(`exit code ${code}: ${output.split('\n')[0]}`)
  const row = await stage.store.upgrades.latest(key)
  return code === 3 && row?.phase === 'approval' ? 'refused' : `exit code ${code} in phase ${row?.phase}`
}

export const waitForPhase = (stage: Stage, tag: string, phase: Phase): Promise<UpgradeRow> =>
  waitForUpgrade(stage, tag, phase, (row) => row.phase === phase || row.outcome !== null)

const waitForUpgrade = (
  { store }: Stage,
  tag: string,
  what: string,
  done: (row: UpgradeRow) => boolean,
): Promise<UpgradeRow> =>
  upgradeWhere(store, key, (row) => row.toTag === tag && done(row), {
    withinMs: patienceMs,
    everyMs: 200,
    what: `${what} of ${tag}`,
  })

async function secondsPerPhase({ store }: Stage, upgrade: UpgradeRow): Promise<Record<string, number>> {
  const events = (await store.upgrades.events(upgrade.id)).filter(({ kind }) => kind === 'entered' || kind === 'ended')
  const seconds: Record<string, number> = {}
  for (const [index, event] of events.entries()) {
    const next = events[index + 1]
    if (next)
      seconds[event.phase] =
        Math.round(((seconds[event.phase] ?? 0) + (next.at.getTime() - event.at.getTime()) / 1000) * 10) / 10
  }
  return seconds
}
