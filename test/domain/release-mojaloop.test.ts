import { join } from 'node:path'
import { readBillOfMaterials } from '../../src/config/bill-of-materials'
import { outlineRelease } from '../../src/domain/release-outline'
import { policy } from './fixtures'
import { running } from './release-running'

const read = readBillOfMaterials(join(__dirname, '../fixtures/mojaloop-releases/bill-of-materials.json'))
if (read.kind === 'bad') throw new Error(read.problems.join(', '))
const releases = Object.entries(read.billOfMaterials.releases)
const pairs = releases
  .slice(1)
  .map(([name, services], i) => [releases[i]?.[0] ?? '', name, releases[i]?.[1] ?? {}, services] as const)

/** The ledger's schema is read by quoting and settlement; the adapter consumes what the ledger sends. */
const order = [
  {
    first: 'mojaloop/central-ledger',
    then: ['mojaloop/quoting-service', 'mojaloop/central-settlement', 'mojaloop/ml-api-adapter'],
  },
]
const hubAt = (services: Readonly<Record<string, string>>) =>
  Object.entries(services).map(([path, tag]) => running(path, tag, { policy: policy({ strategy: 'bugfix' }) }))
const definition = (release: string, services: Readonly<Record<string, string>>) => ({
  ...{ release, services, requires: {}, order, source: 'bill of materials' },
})

test('the releases are in order', () => {
  expect(releases.map(([name]) => name)).toEqual(['13.1.x', '14.0.0', '15.0.0', '16.0.0', '17.0.0', '17.1.0', '17.2.0'])
})

test.each(pairs)('from %s to %s every service that moves is planned, the ledger first', (_, name, before, after) => {
  const { targets, skipped, refusals } = outlineRelease({
    definition: definition(name, after),
    running: hubAt(before),
    order: [],
  })
  expect(refusals).toEqual([])
  const moved = Object.keys(after).filter((path) => before[path] !== after[path])
  expect(targets).toHaveLength(moved.length)
  expect(targets.map(({ to }) => to).sort()).toEqual(moved.map((path) => after[path]).sort())
  expect(skipped).toHaveLength(Object.keys(after).length - moved.length)
  expect(skipped.every(({ why }) => why === 'already-there')).toBe(true)
  const waveOf = (service: string) => targets.find((each) => each.name === service)?.wave
  if (waveOf('central-ledger') !== undefined)
    for (const later of ['quoting-service', 'central-settlement', 'ml-api-adapter'])
      expect([undefined, 1]).toContain(waveOf(later))
})

test.each(pairs)('from %s back is refused from %s, each service with its versions', (before, name, older, newer) => {
  const { targets, refusals } = outlineRelease({
    definition: definition(before, older),
    running: hubAt(newer),
    order: [],
  })
  expect(targets).toEqual([])
  const moved = Object.keys(newer).filter((path) => older[path] !== newer[path])
  expect(refusals.map(({ kind }) => kind)).toEqual(moved.map(() => 'backwards'))
  for (const path of moved)
    expect(refusals.map(({ reason }) => reason).join('\n')).toContain(
      `runs ${newer[path]}, and the release wants ${older[path]}: Refit never goes backwards`,
    )
  expect(name).not.toBe(before)
})

test('a hub without bulk payments leaves them out on purpose', () => {
  const [, , before, after] = pairs.at(-1)!
  const hub = hubAt(before).filter(({ name }) => name !== 'bulk-api-adapter')
  const refused = outlineRelease({ definition: definition('17.2.0', after), running: hub, order: [] })
  expect(refused.refusals).toMatchObject([
    { kind: 'unknown-service', reason: 'no service runs mojaloop/bulk-api-adapter' },
  ])
  const { refusals, skipped } = outlineRelease({
    definition: { ...definition('17.2.0', after), skipMissing: true },
    running: hub,
    order: [],
  })
  expect(refusals).toEqual([])
  expect(skipped).toMatchObject([{ service: 'mojaloop/bulk-api-adapter', why: 'missing' }])
})

test("the chart's own short names mean the same", () => {
  const [, , before, after] = pairs.at(-1)!
  const short = Object.fromEntries(Object.entries(after).map(([path, tag]) => [path.replace('mojaloop/', ''), tag]))
  const whole = outlineRelease({ definition: definition('17.2.0', after), running: hubAt(before), order: [] })
  expect(
    outlineRelease({ definition: definition('17.2.0', short), running: hubAt(before), order: [] }).targets,
  ).toEqual(whole.targets)
})
