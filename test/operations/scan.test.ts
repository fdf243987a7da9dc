/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { followScans, scan, type ScanResult } from '../../src/operations/scan'
import { decision, fakeStore, fakeTemporal, lastScan, minutesAgo, now } from './support'

const options = { wait: true, timeoutMs: 5_000, say: () => {} }
const { store } = fakeStore({ decisions: [decision({ tags: [{ tag: 'v1', verdict: 'older', reason: '' }] })] })

describe('a scan that is asked for', () => {
  test('gives the result and every decision without its tags', async () => {
    const { temporal } = fakeTemporal()
    const { result, ...run } = await scan({ store, temporal }, options)
    expect(run).toEqual({ workflowId: 'refit/scan-2', alreadyRan: false })
    expect(result).toMatchObject({ complete: true, started: ['hub/ledger'] })
    expect(Object.keys(result?.decisions[0] ?? {}).sort()).toEqual([
      'candidate',
      'current',
      'kind',
      'mode',
      'namespace',
      'policy',
      'reason',
      'service',
    ])
  })

  test('says what it waits for until it is done', async () => {
    const states = [
      { kind: 'running' as const, waitingFor: 'a worker' },
      { kind: 'done' as const, complete: true, summary: '', started: [] },
    ]
    const said: string[] = []
    const { temporal } = fakeTemporal({ scanState: () => Promise.resolve(states.shift()!) })
    await scan({ store, temporal }, { ...options, say: (text) => said.push(text) })
    expect(said).toContain('a worker')
  })

  test('is not triggered when nobody would run it', async () => {
    const triggerScan = jest.fn()
    const { temporal } = fakeTemporal({ workers: 0, triggerScan })
    await expect(scan({ store, temporal }, options)).rejects.toMatchObject({ code: 'NO_WORKER' })
    expect(triggerScan).not.toHaveBeenCalled()
  })

  test('is left for a worker when nobody waits', async () => {
    const { temporal } = fakeTemporal({ workers: 0 })
    expect(await scan({ store, temporal }, { ...options, wait: false })).toMatchObject({ result: null })
  })

  test('that takes too long says what it waits for', async () => {
    const { temporal } = fakeTemporal({ scanState: async () => ({ kind: 'running', waitingFor: 'the registries' }) })
    await expect(scan({ store, temporal }, { ...options, timeoutMs: 0 })).rejects.toMatchObject({
      code: 'WAIT_EXPIRED',
      message: expect.stringContaining('the registries'),
    })
  })

  test('that failed says why', async () => {
    const { temporal } = fakeTemporal({ scanState: async () => ({ kind: 'failed', reason: 'no cluster' }) })
    await expect(scan({ store, temporal }, options)).rejects.toMatchObject({
      message: expect.stringContaining('no cluster'),
    })
  })

  test('that starts no run points at the doctor', async () => {
    const { temporal } = fakeTemporal({ triggerScan: async () => undefined })
    await expect(scan({ store, temporal }, options)).rejects.toMatchObject({
      code: 'WAIT_EXPIRED',
      next: expect.stringContaining('refit doctor'),
    })
  })
})

describe('scans that are followed', () => {
  test('are told once each, from the next one that ends on, until interrupted', async () => {
    const interrupted = new AbortController()
    const ended = [minutesAgo(9), now, now, new Date(now.getTime() + 1)]
    const store = fakeStore({ decisions: [decision()] }).store
    store.scans.last = async () => {
      const endedAt = ended.shift()
      return endedAt && { ...lastScan({ endedAt }), id: `scan at ${endedAt.toISOString()}` }
    }
    const told: ScanResult[] = []
    const { temporal } = fakeTemporal()
    await followScans(
      { store, temporal },
      {
        since: minutesAgo(5),
        signal: interrupted.signal,
        seen(found) {
          told.push(found)
          if (told.length === 2) interrupted.abort()
        },
      },
    )
    expect(told.map(({ workflowId }) => workflowId)).toEqual([
      'scan at 2026-11-23T10:00:00.000Z',
      'scan at 2026-11-23T10:00:00.001Z',
    ])
    expect(told[0]?.result).toMatchObject({
      complete: true,
      started: ['hub/ledger'],
      decisions: [{ kind: 'up-to-date' }],
    })
  })
})
