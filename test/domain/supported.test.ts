import type { DecisionKind } from '../../src/domain/decision'
import type { BillOfMaterials } from '../../src/domain/bill-of-materials'
import { describeHubRelease, hubRelease } from '../../src/domain/hub-release'
import { endingLines, isLive, linesOf, releaseTargetOf, type Supported } from '../../src/domain/supported'
import { now } from './fixtures'

const billOfMaterials: BillOfMaterials = {
  product: 'Mojaloop',
  releases: {
    '16.0.0': { 'mojaloop/central-ledger': 'v17.6.0', 'mojaloop/quoting-service': 'v15.7.0' },
    '17.0': {
      'mojaloop/central-ledger': 'v19.3.0',
      'mojaloop/quoting-service': 'v17.6.0',
      'mojaloop/central-event-processor': 'v12.1.1',
    },
    '17.1.0': {
      'mojaloop/central-ledger': 'v19.8.3',
      'mojaloop/quoting-service': 'v17.12.1',
      'mojaloop/central-event-processor': 'v12.1.1',
      'mojaloop/event-stream-processor': 'v12.0.0-snapshot.14',
      'mojaloop/simulator': 'latest',
    },
  },
}
const matches = (patterns: readonly string[], path: string) => patterns.includes(path)
const lines = (path: string, supported: Supported[]) => linesOf(path, { supported, billOfMaterials }, matches)
const of17: Supported = { release: '17.x', until: '2027-06-30' }
const of16: Supported = { release: '16.x', until: '2026-12-31' }

describe('supported lines of an image', () => {
  test.each<[string, string, Supported[], ReturnType<typeof lines>]>([
    [
      'x.y of every tag that a supported release names, lowest first',
      'mojaloop/central-ledger',
      [of17, of16],
      [
        { range: '17.6.x', release: '16.0.0', until: '2026-12-31' },
        { range: '19.3.x', release: '17.0', until: '2027-06-30' },
        { range: '19.8.x', release: '17.1.0', until: '2027-06-30' },
      ],
    ],
    [
      'one that two releases name, once',
      'mojaloop/central-event-processor',
      [of17],
      [{ range: '12.1.x', release: '17.1.0', until: '2027-06-30' }],
    ],
    [
      'a pre-release that a release names',
      'mojaloop/event-stream-processor',
      [of17],
      [{ range: '12.0.x', release: '17.1.0', until: '2027-06-30' }],
    ],
    [
      'what is written for the image itself',
      'hub/ledger',
      [{ images: ['hub/ledger'], line: '1.0.x', until: '2027-01-01' }],
      [{ range: '1.0.x', until: '2027-01-01' }],
    ],
    ['a tag without a version is no line', 'mojaloop/simulator', [of17], []],
    ['an image that no release names', 'hub/ledger', [of17], []],
    ['nothing is supported', 'mojaloop/central-ledger', [], []],
  ])('%s', (_, path, supported, expected) => expect(lines(path, supported)).toEqual(expected))

  test('the one that is kept up longer counts', () => {
    const twice: Supported[] = [
      { images: ['a'], line: '1.x', until: '2027-01-01' },
      { images: ['a'], line: '1.x', until: '2028-01-01' },
    ]
    expect(lines('a', twice)).toEqual([{ range: '1.x', until: '2028-01-01' }])
  })

  test('a line lives until the end of its last day, UTC', () => {
    expect(isLive({ until: '2026-11-24' }, Date.parse('2026-11-24T23:59:59.999Z'))).toBe(true)
    expect(isLive({ until: '2026-11-24' }, Date.parse('2026-11-25T00:00:00Z'))).toBe(false)
  })
})

describe('what strategy release aims at', () => {
  const target = (path: string, supported: Supported[]) => releaseTargetOf(path, { supported, billOfMaterials }, now)

  test.each<[string, string, Supported[], ReturnType<typeof target>]>([
    ['the newest supported release', 'mojaloop/central-ledger', [of17, of16], { release: '17.1.0', tag: 'v19.8.3' }],
    ['and no newer one', 'mojaloop/central-ledger', [of16], { release: '16.0.0', tag: 'v17.6.0' }],
    ['an ended one is none', 'mojaloop/central-ledger', [{ release: '17.x', until: '2026-11-23' }], undefined],
    [
      'without supported releases every one counts',
      'mojaloop/quoting-service',
      [],
      { release: '17.1.0', tag: 'v17.12.1' },
    ],
    ['an image that no release names', 'toString', [], undefined],
  ])('%s', (_, path, supported, expected) => expect(target(path, supported)).toEqual(expected))
})

describe('the release that the hub runs', () => {
  const running = (tags: Record<string, string>, kind: DecisionKind = 'up-to-date') =>
    Object.entries(tags).map(([name, current]) => ({ repositoryPath: `mojaloop/${name}`, current, kind }))
  const words = (tags: Record<string, string>, more: ReturnType<typeof running> = []) => {
    const found = hubRelease([...running(tags), ...more], billOfMaterials)
    return found && describeHubRelease(found)
  }
  const of171 = { 'central-ledger': 'v19.8.3', 'quoting-service': 'v17.12.1', 'central-event-processor': 'v12.1.1' }

  test.each<[string, Record<string, string>, string | undefined]>([
    ['all as released', of171, 'Mojaloop 17.1: every service as released'],
    ['one ahead by a bugfix', { ...of171, 'central-ledger': 'v19.8.9' }, 'Mojaloop 17.1: 1 service ahead'],
    [
      'all ahead by bugfixes is still that release',
      { 'central-ledger': 'v19.8.9', 'quoting-service': 'v17.12.4' },
      'Mojaloop 17.1: 2 services ahead',
    ],
    ['one left behind', { ...of171, 'quoting-service': 'v15.7.0' }, 'Mojaloop 17.1: 1 service behind'],
    [
      'an older release',
      { 'central-ledger': 'v17.6.0', 'quoting-service': 'v15.7.1' },
      'Mojaloop 16.0: 1 service ahead',
    ],
    [
      'what two releases name equally: the newest',
      { 'central-event-processor': 'v12.1.1' },
      'Mojaloop 17.1: every service as released',
    ],
    ['nothing of the product', { unknown: 'v1.0.0' }, undefined],
    ['no version', { 'central-ledger': 'latest' }, undefined],
  ])('%s', (_, tags, expected) => expect(words(tags)).toBe(expected))

  test('counts what is unsupported, also beside the product', () => {
    const more = running({ other: 'v1.0.0' }, 'unsupported')
    const ahead = { ...of171, 'central-ledger': 'v19.9.0', 'quoting-service': 'v17.12.2' }
    expect(words(ahead, more)).toBe('Mojaloop 17.1: 2 services ahead, 1 unsupported')
  })

  test('is unknown without a bill of materials', () => expect(hubRelease(running(of171), undefined)).toBeUndefined())
})

test.each([
  ['91 days before', '2027-02-23', undefined],
  ['90 days before', '2027-02-22', { daysLeft: 90, threshold: 90 }],
  ['31 days before', '2026-12-25', { daysLeft: 31, threshold: 90 }],
  ['30 days before', '2026-12-24', { daysLeft: 30, threshold: 30 }],
  ['on its last day', '2026-11-24', { daysLeft: 0, threshold: 30 }],
  ['the day after', '2026-11-23', { daysLeft: -1, threshold: 0 }],
])('%s a line ends', (_, until, expected) =>
  expect(endingLines([{ release: '17.x', until }], now)).toEqual(
    expected ? [{ subject: 'release 17.x', until, ...expected }] : [],
  ),
)
