import { RefitError } from '../../src/domain/errors'
import type { Scope } from '../../src/domain/people'
import { createToken } from '../../src/operations/tokens'
import { refit } from './support'
import { config, decision, fakeStore, fakeTemporal, lastScan, minutesAgo, upgradeRow } from '../operations/support'

const held = {
  ...{ id: '3', namespace: null, reason: 'incident 4711', by: 'ana', verified: true, at: minutesAgo(10), lifted: null },
}
const ofHub = { ...held, id: '4', namespace: 'hub', reason: 'month end' }
const inWindow = upgradeRow({ phase: 'window' })

describe('refit freeze', () => {
  test('freezes the hub, says what it holds, and tells it once', async () => {
    const { store, told } = fakeStore({ upgrades: [inWindow] })
    const run = await refit(['freeze', '--reason', 'incident 4711', '--by', 'ana'], { store })
    expect(run).toMatchObject({ code: 0 })
    expect(run.out).toContain('the whole hub is frozen, by ana (unverified): incident 4711')
    expect(run.out).toContain('open upgrades that it holds: 1')
    expect(run.out).toContain('next: refit unfreeze')
    expect(told.map(({ alert }) => [alert.key, alert.level])).toEqual([['freeze/7', 'action']])
  })

  test('that is there already stays as it was, and nobody is told again', async () => {
    const { store, told } = fakeStore({ freezes: [held] })
    const { out } = await refit(['freeze', '--reason', 'another'], { store })
    expect(out).toContain('was frozen already, by ana: incident 4711')
    expect(told).toEqual([])
  })

  test('of a namespace that nothing is watched in holds nothing, so it is refused', async () => {
    const run = await refit(['freeze', '--namespace', 'hbu', '--reason', 'x'])
    expect(run.code).toBe(2)
    expect(run.err).toContain('No policy selects namespace hbu')
    expect(run.err).toContain('Refit watches hub')
  })

  test('wants a reason', async () => expect((await refit('freeze')).code).toBe(2))
})

describe('refit unfreeze', () => {
  test('lifts it, tells it, and wakes what waits; who waits for an approval is left alone', async () => {
    const waiting = upgradeRow({ service: 'quoting', phase: 'approval' })
    const { store, told } = fakeStore({ freezes: [held], upgrades: [inWindow, waiting] })
    const { temporal, woken } = fakeTemporal({ openWorkflows: () => Promise.resolve(['refit/data/hub/settlement']) })
    const run = await refit(['unfreeze', '--reason', 'over'], { store, temporal })
    expect(run.code).toBe(0)
    expect(run.out).toContain('told to look again: 2')
    expect(woken).toEqual(['refit/upgrade/hub/ledger', 'refit/data/hub/settlement'])
    expect(told.map(({ alert }) => alert.key)).toEqual(['freeze/3/lifted'])
    expect(told[0]?.alert.text).toContain('over')
  })

  test('of the hub leaves a namespace frozen, and says so', async () => {
    const { store } = fakeStore({ freezes: [held, ofHub] })
    expect((await refit('unfreeze', { store })).out).toContain('still frozen: namespace hub, by ana: month end')
  })

  test('works while Temporal is away', async () => {
    const { store } = fakeStore({ freezes: [held] })
    const away = () => Promise.reject(new RefitError('TEMPORAL_UNAVAILABLE', 'away', 'start it'))
    const { temporal } = fakeTemporal({ openWorkflows: away })
    const run = await refit('unfreeze', { store, temporal })
    expect(run.code).toBe(0)
    expect(run.out).toContain('looks again within the hour')
  })

  test('of what is not frozen names what is', async () => {
    const run = await refit(['unfreeze', '--namespace', 'hub'], { store: fakeStore({ freezes: [held] }).store })
    expect(run.code).toBe(5)
    expect(run.err).toContain('Namespace hub is not frozen; the whole hub is.')
  })
})

test('refit freezes shows what holds and what was lifted', async () => {
  const lifted = { at: minutesAgo(5), by: 'ben', verified: false, because: 'over' }
  const { out } = await refit('freezes', { store: fakeStore({ freezes: [held, { ...ofHub, lifted }] }).store })
  expect(out).toMatch(/the whole hub .* ana .* incident 4711 .* no/)
  expect(out).toMatch(/namespace hub .* by ben \(unverified\): over/)
  expect((await refit('freezes')).out).toContain('nothing is frozen')
})

test('refit status and refit doctor show a freeze before everything else', async () => {
  const { store } = fakeStore({ freezes: [held] })
  const { out } = await refit('status', { store })
  expect(out.split('\n')[0]).toBe('FROZEN: the whole hub, 10 min ago by ana: incident 4711 (refit unfreeze)')
  expect((await refit('doctor', { store })).out).toMatch(
    /warn +freeze +the whole hub is frozen .*\n.*next: refit unfreeze/,
  )
})

test('refit status shows no opening for what a switch holds, and the window of what it does not', async () => {
  const decisions = [decision(), decision({ namespace: 'other' })]
  const { store } = fakeStore({ freezes: [ofHub], scan: lastScan(), decisions })
  const rows = (await refit('status', { store })).out.split('\n')
  expect(rows.find((row) => row.startsWith('hub/ledger'))).toMatch(/ frozen /)
  expect(rows.find((row) => row.startsWith('other/ledger'))).toMatch(/ now /)
  const { services } = (await refit('status -o json', { store })).json() as { services: { window: unknown }[] }
  expect(services[0]?.window).toEqual({
    ...{ state: 'frozen', nextOpen: null, nextOpenLocal: null },
    why: 'namespace hub is frozen by ana until somebody lifts it (refit unfreeze): month end',
  })
})

describe('with a token', () => {
  const storeFor = async (scope: Scope) => {
    const { store, told } = fakeStore()
    const person = { name: 'ana@example.org', scope, expiresAt: null, by: 'me' }
    const { secret } = await createToken({ store, config }, person)
    return { told, surroundings: { store, env: { REFIT_TOKEN: secret } } }
  }

  test('it is known who freezes', async () => {
    const { surroundings } = await storeFor('operator')
    const run = await refit(['freeze', '--reason', 'incident'], surroundings)
    expect(run.out).toContain('is frozen, by ana@example.org: incident')
  })

  test('of too small a scope nothing is frozen', async () => {
    const { surroundings, told } = await storeFor('approver')
    expect((await refit(['freeze', '--reason', 'incident'], surroundings)).code).toBe(3)
    expect(told).toEqual([])
  })

  test('another name is refused', async () => {
    const { surroundings } = await storeFor('operator')
    expect((await refit(['freeze', '--reason', 'x', '--by', 'ben'], surroundings)).err).toContain('Leave --by away')
  })
})
