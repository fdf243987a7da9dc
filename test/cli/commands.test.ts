/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withProgress } from '../../src/cli/progress'
import {
  digest,
  decision,
  fakeKubernetes,
  fakeRegistry,
  fakeStore,
  fakeTemporal,
  now,
  observation,
  plan,
  planHash,
  upgradeRow,
} from '../operations/support'
import { refit } from './support'

const ended = upgradeRow({
  outcome: 'rolled-back',
  phase: 'rollback',
  endedAt: now,
  waitingFor: '',
  message: 'crash loop',
})
const event = {
  upgradeId: ended.id,
  at: now,
  phase: 'approval' as const,
  kind: 'approved',
  by: 'ana',
  verified: false,
  message: 'approved by ana',
}

describe('refit scan', () => {
  test('shows every decision, what was started and what to do next', async () => {
    const { store } = fakeStore({
      decisions: [decision({ kind: 'candidate', candidate: { tag: 'v1.0.1', digest: digest('1') } })],
    })
    const { code, out } = await refit('scan', { store })
    expect(code).toBe(0)
    expect(out).toMatch(
      /^SERVICE +RUNNING +DECISION +CANDIDATE +POLICY\nhub\/ledger +v1.0.0 +candidate: can be upgraded +v1.0.1 +core \(approve\)\n/,
    )
    expect(out).toMatch(/1 candidate\nstarted: hub\/ledger\nnext: refit status\n$/)
  })

  test('does not pass over what could not be read', async () => {
    const { temporal } = fakeTemporal({
      scanState: async () => ({ kind: 'done', complete: false, summary: '1 registry-error', started: [] }),
    })
    expect((await refit('scan', { temporal })).out).toContain('not every image could be read')
  })

  test('with --no-wait only triggers', async () => {
    expect((await refit('scan --no-wait -o json')).json()).toEqual({
      workflowId: 'refit/scan-2',
      alreadyRan: false,
      result: null,
    })
  })

  test('without a worker exits 1, after its time 4', async () => {
    expect((await refit('scan --wait', { temporal: fakeTemporal({ workers: 0 }).temporal })).code).toBe(1)
    const { temporal } = fakeTemporal({ scanState: async () => ({ kind: 'running', waitingFor: 'the registries' }) })
    expect((await refit('scan --timeout 1ms', { temporal })).code).toBe(4)
  })
})

describe('refit plan', () => {
  test('prints the plan, each patch, what the API server says and the hash', async () => {
    const { code, out } = await refit('plan ledger')
    expect(code).toBe(0)
    expect(out).toContain('hub/ledger: v1.0.0 → v1.0.1')
    expect(out).toContain('patch of ledger, dry run: the API server accepts it')
    expect(out).toContain('{"op":"test","path":"/metadata/uid","value":"u1"}')
    expect(out).toMatch(/plan hash [0-9a-f]{12}; nothing was written/)
  })

  test('that could not run exits 3', async () => {
    const observed = await fakeKubernetes().observeServices([])
    const kubernetes = fakeKubernetes({
      observeServices: async () =>
        observed.map((each) => ({
          ...each,
          workloads: each.workloads.map((workload) => ({ ...workload, paused: true })),
        })),
    })
    expect(await refit('plan ledger', { kubernetes })).toMatchObject({
      code: 3,
      out: expect.stringContaining('refused: ledger is paused.'),
    })
  })

  test('with nothing newer says so', async () => {
    const run = await refit('plan ledger', { registry: fakeRegistry(['v1.0.0']) })
    expect(run).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^hub\/ledger v1.0.0: nothing to plan\nup-to-date: /),
    })
  })

  test('of a tag that does not exist exits 5', async () => {
    expect((await refit('plan ledger --tag v9.9.9')).code).toBe(5)
  })
})

describe('refit history', () => {
  const { store } = fakeStore({
    decisions: [decision()],
    upgrades: [ended],
    events: [event],
    logs: [{ step: 'migrate/0', log: 'Batch 1\n\u001b[31mdone', at: now }],
  })

  test('lists upgrades with what became of them', async () => {
    expect((await refit('history ledger', { store })).out).toMatch(
      new RegExp(`hub/ledger +v1.0.0 +v1.0.1 +rolled-back +30 min +${planHash}-1 +crash loop`),
    )
    expect((await refit('history')).out).toBe('no upgrade yet\n')
  })

  test('tells the story of one; a name is unverified', async () => {
    const { out } = await refit(`history --upgrade ${ended.id} --logs`, { store })
    expect(out).toContain('ended rolled-back: crash loop')
    expect(out).toContain('ana (unverified)')
    expect(out).toContain('migrate/0, 2026-11-23T10:00:00Z\n  Batch 1\n  done\n')
  })

  test('its JSON has the events, and the logs only when asked', async () => {
    const run = await refit(`history --upgrade ${ended.id} -o json`, { store })
    expect(run.json()).toEqual({
      upgrade: expect.objectContaining({ id: ended.id }),
      events: [{ ...event, at: now.toISOString() }],
      diagnoses: [],
      logs: null,
    })
  })

  test.each([
    ['history --upgrade nope', 5],
    ['history --logs', 2],
    ['history ledger --upgrade x', 2],
  ])('%s exits %i', async (line, code) => {
    expect((await refit(line, { store })).code).toBe(code)
  })
})

describe('refit quarantine', () => {
  const row = {
    namespace: 'hub',
    service: 'ledger',
    digest: digest('1'),
    tag: 'v1.0.1',
    reason: 'crash loop',
    upgradeId: ended.id,
    since: now,
    liftedAt: null,
    liftedBy: null,
  }
  test('lists and lifts', async () => {
    const { store, lifted } = fakeStore({ decisions: [decision()], quarantine: [row] })
    expect((await refit('quarantine list', { store })).out).toContain(digest('1'))
    expect(await refit(`quarantine lift ledger ${digest('1')} --by ana -o json`, { store })).toMatchObject({ code: 0 })
    expect(lifted).toEqual([digest('1')])
    expect((await refit(`quarantine lift ledger ${digest('2')}`, { store })).code).toBe(5)
  })
  test('is empty at first', async () => {
    expect((await refit('quarantine list')).out).toBe('nothing is quarantined\n')
  })
})

describe('refit resolve', () => {
  const held = () =>
    fakeStore({ decisions: [decision()], upgrades: [upgradeRow({ outcome: 'held' })], plans: { [planHash]: plan } })
  test('says which images the cluster runs', async () => {
    const run = await refit(['resolve', 'ledger', '--yes', '--reason', 'by hand', '--by', 'ana'], {
      store: held().store,
    })
    expect(run).toMatchObject({ code: 0, out: expect.stringContaining('the cluster runs the old images') })
  })
  test('exits 3 when it runs neither, unless forced', async () => {
    const kubernetes = fakeKubernetes({ observeRollout: async () => observation('x:1') })
    const { store, resolved } = held()
    expect((await refit('resolve ledger --yes --reason x', { store, kubernetes })).code).toBe(3)
    expect(resolved).toEqual([])
    expect(await refit('resolve ledger --yes --reason x --force', { store, kubernetes })).toMatchObject({
      code: 0,
      out: expect.stringContaining('forced'),
    })
  })
})

describe('progress', () => {
  test('is silent for two seconds, then tells what changes, on stderr', async () => {
    jest.useFakeTimers()
    const said: string[] = []
    let finish = (): void => {}
    let say = (_text: string): void => {}
    const done = withProgress({ err: (text) => void said.push(text) }, 'the store', (tell) => {
      say = tell
      return new Promise<void>((resolve) => (finish = resolve))
    })
    jest.advanceTimersByTime(1_900)
    expect(said).toEqual([])
    jest.advanceTimersByTime(200)
    say('the registries')
    say('the registries')
    expect(said).toEqual(['… the store\n', '… the registries\n'])
    finish()
    await done
    jest.useRealTimers()
  })
})

test('the entry is executable by node', () => {
  expect(readFileSync(join(__dirname, '../../src/cli.ts'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
})
