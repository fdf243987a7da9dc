/** Simulated days of one waiting upgrade on the time-skipping server: how much its history grows per day. */
import type { Activities } from '../src/activities'
import { openScenario, planned, reaches, scriptedActivities } from '../test/support/upgrade-scenario'

const monthMs = 30 * 86_400_000

/** What an upgrade may wait for, and the activities that make it wait for longer than the week. */
const waits: Record<string, { phase: string; days: number; script: Partial<Activities> }> = {
  approval: {
    phase: 'approval',
    days: 7,
    script: {
      plan: () => Promise.resolve({ kind: 'planned', plan: { ...planned, expiresMs: monthMs } }),
    },
  },
  window: {
    phase: 'window',
    days: 7,
    script: {
      plan: () => Promise.resolve({ kind: 'planned', plan: { ...planned, approvalRequired: false } }),
      window: ({ now }) => Promise.resolve({ kind: 'closed', opensAt: now + monthMs, because: 'window' }),
    },
  },
  // Until somebody lifts it; as a net it looks every hour. In a week it would continue as new and count from 0.
  freeze: {
    phase: 'window',
    days: 1,
    script: {
      plan: () => Promise.resolve({ kind: 'planned', plan: { ...planned, approvalRequired: false } }),
      window: () => Promise.resolve({ kind: 'closed', opensAt: null, because: 'freeze' }),
    },
  },
}

/** History events per day while it waits, by what it waits for. */
export async function eventsPerDay(): Promise<Record<string, number>> {
  const scenario = await openScenario()
  try {
    const perDay: Record<string, number> = {}
    for (const [name, { phase, days, script }] of Object.entries(waits)) {
      const worker = await scenario.worker(scriptedActivities(script).activities)
      perDay[name] = await worker.runUntil(async () => {
        const handle = await scenario.start()
        await reaches(handle, phase)
        const length = async (): Promise<number> => (await handle.describe()).historyLength
        const before = await length()
        await scenario.env.sleep(`${days} days`)
        const grown = (await length()) - before
        await handle.terminate('measured')
        return Math.round((grown / days) * 10) / 10
      })
    }
    return perDay
  } finally {
    await scenario.close()
  }
}
