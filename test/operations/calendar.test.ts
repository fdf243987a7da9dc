import { calendar } from '../../src/operations/calendar'
import { policy } from '../domain/fixtures'
import { fakeStore } from './support'

const day = (text: string) => new Date(`${text}T00:00:00Z`)
const now = new Date('2026-12-01T10:00:00Z')
const hour = 3_600_000
const saturdays = { cron: '0 2 * * SAT', durationMs: 3 * hour, timeZone: 'Africa/Nairobi' }
const holidays = { from: '2026-12-20', to: '2027-01-04', timeZone: 'Africa/Nairobi' }
const of = (policies: ReturnType<typeof policy>[], freezes: Parameters<typeof fakeStore>[0] = {}) => ({
  store: fakeStore(freezes).store,
  config: { policies },
})

test('windows are told with their policy and its namespaces; those that freezes hide are not', async () => {
  const core = policy({ name: 'core', windows: [saturdays], freezes: [holidays] })
  const found = await calendar(of([core]), { from: day('2026-12-01'), to: day('2026-12-31'), now })
  expect(found.openings.map(({ policy, from, to, timeZone }) => [policy, from, to, timeZone])).toEqual([
    ['core', '2026-12-04T23:00:00.000Z', '2026-12-05T02:00:00.000Z', 'Africa/Nairobi'],
    ['core', '2026-12-11T23:00:00.000Z', '2026-12-12T02:00:00.000Z', 'Africa/Nairobi'],
    ['core', '2026-12-18T23:00:00.000Z', '2026-12-19T02:00:00.000Z', 'Africa/Nairobi'],
  ])
  expect(found.openings[0]?.namespaces).toEqual(core.select.namespaces)
  expect(found.freezes).toMatchObject([
    { source: 'policy', policy: 'core', from: '2026-12-19T21:00:00.000Z', to: '2027-01-04T21:00:00.000Z' },
  ])
})

test('a policy without windows is open all the time', async () => {
  const found = await calendar(of([policy()]), { from: day('2026-12-01'), to: day('2026-12-02'), now })
  expect(found.openings).toMatchObject([{ from: '2026-12-01T00:00:00.000Z', to: null }])
})

test('switches are told with who threw and lifted them, as far as they touch these days', async () => {
  const freeze = (id: string, at: string, liftedAt: string | null) => ({
    ...{ id, namespace: null, reason: `r${id}`, by: 'ana', verified: true, at: new Date(at) },
    lifted: liftedAt === null ? null : { at: new Date(liftedAt), by: 'bob', verified: true, because: '' },
  })
  const freezes = [
    freeze('1', '2026-11-01T00:00:00Z', '2026-11-30T00:00:00Z'),
    freeze('2', '2026-11-01T00:00:00Z', '2026-12-01T12:00:00Z'),
    freeze('3', '2026-12-01T13:00:00Z', null),
    freeze('4', '2026-12-03T00:00:00Z', null),
  ]
  const found = await calendar(of([], { freezes }), { from: day('2026-12-01'), to: day('2026-12-02'), now })
  expect(found.freezes.map(({ reason, to }) => [reason, to])).toEqual([
    ['r2', '2026-12-01T12:00:00.000Z'],
    ['r3', null],
  ])
})

test('without days it is four weeks from today', async () => {
  expect(await calendar(of([]), { now })).toMatchObject({
    from: '2026-12-01T00:00:00.000Z',
    to: '2026-12-29T00:00:00.000Z',
  })
})

test('windows without number are cut, and it says so', async () => {
  const minutely = policy({ name: 'minutely', windows: [{ cron: '* * * * *', durationMs: 1_000, timeZone: 'UTC' }] })
  const found = await calendar(of([minutely]), { from: day('2026-12-01'), to: day('2027-01-31'), now })
  expect(found.cut).toEqual(['minutely'])
})

test.each([
  ['an end before the beginning', '2026-12-02', '2026-12-01'],
  ['no time at all', '2026-12-01', '2026-12-01'],
  ['63 days', '2026-12-01', '2027-02-02'],
  ['the year 1', '0001-01-01', '0001-01-02'],
  ['the year 9999', '9999-12-30', '9999-12-31'],
])('%s is refused', async (_what, from, to) => {
  await expect(calendar(of([]), { from: day(from), to: day(to), now })).rejects.toMatchObject({ code: 'USAGE' })
})
