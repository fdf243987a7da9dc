import fc from 'fast-check'
import { windowState } from '../../src/domain/window'
import { nextOpenings } from '../../src/domain/window-openings'
import { type Case, caseFrom, days, firstDay, lastDay, zones } from './window-arbitrary'
import { minute } from './window-said'
import { openMinutes, type Run, runsOf } from './window-search'

/** More of them by hand: WINDOW_CASES=20000. */
const cases = Number(process.env.WINDOW_CASES ?? 120)
const count = days * 1440
/** On a busy machine, too: what it takes is no part of the test. */
const net = Math.max(240_000, cases * 4_000)

/** The UTC days on which a zone's clock changes in these years. */
function changesOf(timeZone: string): number[] {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset', hour: 'numeric' })
  const offset = (day: number): string | undefined =>
    format.formatToParts(day * 86_400_000).find(({ type }) => type === 'timeZoneName')?.value
  const found: number[] = []
  for (let day = firstDay; day < lastDay; day += 1) if (offset(day) !== offset(day + 1)) found.push(day)
  return found
}

const changes = zones.map((zone) => ({ zone, days: changesOf(zone) }))
let [stretches, looked] = [0, 0]

/** Every answer about these ten days is that of the slow search. */
function check({ first, rules, freezes, expectedMs, moments }: Case): void {
  stretches += 1
  const from = first * 1440
  const runs = runsOf(
    openMinutes(
      rules.map(({ slow }) => slow),
      freezes,
      from,
      count,
    ),
  )
  const windows = rules.map(({ rule }) => rule)
  const ours = nextOpenings({ windows, freezes }, from * minute, runs.length + 5)
    .flatMap((each) => (each.kind === 'open' ? [inMinutes(each, from)] : []))
    .filter((run) => run.from < count)
    .map((run) => ({ ...run, to: Math.min(run.to, count) }))
  expect(ours).toEqual(runs)
  // The openings are compared one and all; of very many some are asked about.
  const some = runs.filter((_, index) => index % Math.ceil(runs.length / 20) === 0)
  const edges = some.flatMap((run) => [run.from, run.from - 1 / minute, run.to, run.to - 1 / minute])
  for (const at of [...moments, ...edges].filter((each) => each >= 0 && each < count)) {
    looked += 1
    const answer = windowState({ windows, freezes, now: (from + at) * minute, expectedMs })
    checkState(answer, runs, { at, from, fits: expectedMs / minute })
  }
}

const inMinutes = (opening: { from: number; to: number | null }, from: number): Run => ({
  from: opening.from / minute - from,
  to: opening.to === null ? count : opening.to / minute - from,
})

/** Of what goes on behind the stretch the slow search knows nothing: neither where its last run ends, nor what follows. */
function checkState(
  state: ReturnType<typeof windowState>,
  runs: readonly Run[],
  { at, from, fits }: { at: number; from: number; fits: number },
): void {
  const whole = runs.filter(({ to }) => to < count)
  const cut = runs.find(({ to }) => to === count)
  const fit = whole.find((run) => Math.max(run.from, at) <= run.to - fits && run.to > at)
  if (fit === undefined) {
    if (state.kind === 'closed') expect(state.opensAt / minute - from).toBeGreaterThanOrEqual(cut?.from ?? count)
    if (state.kind === 'open') expect(cut !== undefined && cut.from <= at).toBe(true)
    return
  }
  if (fit.from <= at)
    expect(state).toEqual({
      kind: 'open',
      closesAt: (from + fit.to) * minute,
      latestStart: (from + fit.to - fits) * minute,
    })
  else expect(state).toMatchObject({ kind: 'closed', opensAt: (from + fit.from) * minute })
}

afterAll(() => console.log(`windows: ${stretches} stretches of ten days, ${looked} instants looked at`))

test('the zones change their clocks as often as they should', () => {
  expect(Object.fromEntries(changes.map(({ zone, days: found }) => [zone, found.length]))).toEqual({
    'Europe/Berlin': 20,
    'America/New_York': 20,
    'Africa/Casablanca': expect.any(Number),
    'Asia/Kolkata': 0,
    'Australia/Lord_Howe': 20,
  })
})

const aroundChanges = changes.flatMap(({ days: found }) => found)
test(
  `windows are open when a search of every minute says so: ${cases} random stretches of ten days out of ten years`,
  () => {
    fc.assert(fc.property(fc.integer({ min: firstDay, max: lastDay - days }).chain(caseFrom), check), {
      numRuns: cases,
    })
  },
  net,
)

test(
  `and so around each of the ${aroundChanges.length} clock changes of these years in five zones`,
  () => {
    for (const day of aroundChanges)
      fc.assert(fc.property(fc.integer({ min: day - 7, max: day - 2 }).chain(caseFrom), check), {
        numRuns: Math.ceil(cases / 150),
      })
  },
  net,
)
