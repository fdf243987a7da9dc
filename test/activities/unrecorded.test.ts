import { MockActivityEnvironment } from '@temporalio/testing'
import type { Entry } from '../../src/activities/contracts'
import type { Dependencies } from '../../src/activities/dependencies'
import { record } from '../../src/activities/record'
import { cancelUnrecorded } from '../../src/activities/unrecorded'
import { type ErrorCode, RefitError } from '../../src/domain/errors'
import type { UpgradeRow } from '../../src/store/contracts'
import { config, digest, minutesAgo, now, planHash, upgradeRow } from '../operations/support'

describe('a step that can not be recorded', () => {
  async function recorded(code: ErrorCode, entry: Partial<Entry>): Promise<{ level: string; text: string }[]> {
    const alerts: { level: string; text: string }[] = []
    const deps = {
      config,
      notifiers: [],
      store: {
        plans: { read: () => Promise.reject(new RefitError(code, 'There is none.', 'Scan.')) },
        outbox: {
          add: (_: unknown, alert: { level: string; text: string }) => Promise.resolve(void alerts.push(alert)),
        },
      },
    } as unknown as Dependencies
    const whole: Entry = {
      ...{
        upgradeId: `${planHash}-1`,
        planHash,
        key: 'ended',
        phase: 'rollout',
        kind: 'ended',
        message: 'ledger is at neither',
      },
      ...entry,
    }
    const workflowExecution = { workflowId: 'refit/upgrade/hub/ledger', runId: 'r' }
    await new MockActivityEnvironment({ workflowExecution }).run(record(deps), whole)
    return alerts
  }

  test.each(['PLAN_UNKNOWN', 'UPGRADE_UNKNOWN'] as const)(
    'an end that nobody could look up (%s) is told',
    async (code) => {
      const told = await recorded(code, { outcome: 'held' })
      expect(told).toMatchObject([
        { level: 'page', title: 'hub/ledger: an upgrade that the store does not know ended held' },
      ])
      expect(told[0]?.text).toContain('ledger is at neither')
      expect(await recorded(code, { outcome: 'aborted' })).toMatchObject([{ level: 'action' }])
    },
  )

  test('what comes before the end is an error', async () => {
    await expect(recorded('UPGRADE_UNKNOWN', { kind: 'entered' })).rejects.toMatchObject({ code: 'UPGRADE_UNKNOWN' })
  })

  test('a store that is away is one, too', async () => {
    await expect(recorded('DATABASE_UNAVAILABLE', { outcome: 'held' })).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    })
  })
})

describe('an upgrade that waits, of which the store knows nothing', () => {
  const wanted = [{ namespace: 'hub', service: 'ledger', candidate: { tag: 'v1.0.1', digest: digest('1') } }]
  const id = 'refit/upgrade/hub/ledger'
  interface Given {
    phase?: string
    latest?: UpgradeRow
    open?: UpgradeRow[]
    listed?: string[]
  }

  async function cancelled({ phase = 'approval', latest, open = [], listed = [id] }: Given): Promise<string[]> {
    const ids: string[] = []
    const deps = {
      store: { scans: { now: () => Promise.resolve(now) }, upgrades: { latest: () => Promise.resolve(latest) } },
      workflows: {
        listed: () => Promise.resolve(new Set(listed)),
        waitingOf: () => Promise.resolve({ phase }),
        cancel: (workflowId: string) => Promise.resolve(void ids.push(workflowId)),
      },
      logger: { warn: () => undefined },
    } as unknown as Dependencies
    await cancelUnrecorded(deps, wanted, open)
    return ids
  }
  const ended = (minutes: number) => upgradeRow({ outcome: 'expired', endedAt: minutesAgo(minutes) })

  test.each<[string, Given, boolean]>([
    ['waits for a person', {}, true],
    ['waits for its window', { phase: 'window' }, true],
    ['is like one that ended long ago', { latest: ended(60) }, true],
    ['makes its plan', { phase: 'plan' }, false],
    ['is under way', { phase: 'rollout' }, false],
    ['ended a moment ago', { latest: ended(1) }, false],
    ['was recorded meanwhile', { latest: upgradeRow() }, false],
    ['is known, and a newer candidate is there', { open: [upgradeRow()] }, false],
    ['does not run', { listed: [] }, false],
  ])('%#: one that %s is cancelled: %s', async (_, given, expected) => {
    expect(await cancelled(given)).toEqual(expected ? [id] : [])
  })
})
