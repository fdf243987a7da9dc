import { randomUUID } from 'node:crypto'
import type { WorkflowHandle } from '@temporalio/client'
import type { Activities } from '../../src/activities'
import type { PlannedUpgrade, VoteRead } from '../../src/activities/contracts'
import type { PersonVerb } from '../../src/domain/approval-message'
import { plainRules, type Said, type UpgradeRules } from '../../src/domain/votes'
import type { upgrade } from '../../src/workflows/upgrade'
import { withWorker } from './scan-scenario'
import { input, planned, type Scenario, scriptedActivities } from './upgrade-scenario'

export const hour = 3_600_000

/** A plan whose policy counts verified names only, unless told otherwise. */
export const planWith = (
  approval: Partial<UpgradeRules['approval']> = {},
  more: Partial<PlannedUpgrade> = {},
): PlannedUpgrade => ({
  ...planned,
  rules: {
    approval: { ...plainRules(true, planned.expiresMs).approval, unverified: 'refuse', ...approval },
    emergency: 'on-call',
  },
  ...more,
})

type Casting = Partial<Said> & { groups?: string[] }

/** Activities with a ballot box: what is cast is read back as the store would give it. */
export function votingActivities(plan: PlannedUpgrade, script: Partial<Activities> = {}) {
  const rows: Record<string, VoteRead> = {}
  const made = scriptedActivities({
    plan: () => Promise.resolve({ kind: 'planned', plan }),
    readVote: ({ votes }) => {
      made.calls.push(`read ${votes.length}`)
      const found = votes.flatMap(({ id }) => (rows[id] ? [[id, rows[id]] as const] : []))
      return Promise.resolve(Object.fromEntries(found))
    },
    ...script,
  })
  return {
    ...made,
    /** Puts a vote into the box; what is then sent to the upgrade. */
    cast(by: string, verb: PersonVerb, { groups = [], ...more }: Casting = {}) {
      const id = `vote-${Object.keys(rows).length + 1}`
      const { planHash } = plan
      const said = { verb, by, planHash, reason: '', changeReference: '', now: false, overrideFreeze: false, ...more }
      rows[id] = { kind: 'vote', said, speaker: { by, verified: true, groups, via: 'token' } }
      return { vote: id, by, planHash }
    },
  }
}

/** Runs one upgrade while `act` talks to it, on a worker that remembers it between tasks: people say much to it. */
export const runUpgrade = (
  scenario: Scenario,
  activities: Activities,
  act: (handle: WorkflowHandle<typeof upgrade>) => Promise<unknown> = () => Promise.resolve(),
): Promise<Awaited<ReturnType<typeof upgrade>>> =>
  withWorker(scenario, activities, async (taskQueue) => {
    const workflowId = `refit/upgrade/test/${randomUUID()}`
    const start = { workflowId, taskQueue, args: [input] as [typeof input] }
    const handle = await scenario.env.client.workflow.start<typeof upgrade>('upgrade', start)
    await act(handle)
    return handle.result()
  })
