import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareCharts, compareRendered } from '../../src/operations/release-manifests'
import { readRelease, releaseOfManifests } from '../../src/operations/release-source'

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'refit-release-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}
const bom = { product: 'Mojaloop', releases: { '17.1.0': { 'mojaloop/central-ledger': 'v19.8.3' } } }

test('a file', () => {
  const file = write(
    'release.yaml',
    'release: 1.1.0\nservices: { hub/ledger: v1.1.0 }\nrequires: { hub/als: ">=2" }\norder: [{ first: a, then: [b] }]\n',
  )
  expect(readRelease(file, {})).toEqual({
    ...{ release: '1.1.0', services: { 'hub/ledger': 'v1.1.0' }, requires: { 'hub/als': '>=2' } },
    ...{ order: [{ first: 'a', then: ['b'] }], source: file },
  })
})

test('a release of the bill of materials', () => {
  expect(readRelease('17.1.0', { billOfMaterials: bom })).toMatchObject({
    release: '17.1.0',
    services: { 'mojaloop/central-ledger': 'v19.8.3' },
  })
})

test("a chart's appVersion, by its file or its folder", () => {
  write('Chart.yaml', 'version: 17.1.0\nappVersion: "central-ledger: v19.8.3; quoting-service: v17.12.1"\n')
  const expected = { release: '17.1.0', services: { 'central-ledger': 'v19.8.3', 'quoting-service': 'v17.12.1' } }
  expect(readRelease(join(folder, 'Chart.yaml'), {})).toMatchObject(expected)
  expect(readRelease(folder, {})).toMatchObject(expected)
})

test('a name that nobody knows, with the nearest', () => {
  expect(() => readRelease('17.1.1', { billOfMaterials: bom })).toThrow(
    expect.objectContaining({ code: 'RELEASE_UNKNOWN', next: 'Did you mean 17.1.0?' }) as Error,
  )
})

test.each([
  ['no services', 'release: 1.1.0\n', /services/],
  ['a tag that is none', 'release: a\nservices: { hub/a: "not a tag" }\n', /services\.hub\/a must be a tag/],
  ['a range that is none', 'release: a\nservices: { a: v1 }\nrequires: { b: banana }\n', /requires\.b must be a range/],
  ['a key that is none', 'release: a\nservices: { a: v1 }\nservice: {}\n', /service is no key/],
  ['a name that fits no command', 'release: "a b"\nservices: { a: v1 }\n', /release must be letters/],
  ['no YAML', 'release: [\n', /problem/],
  ['a list', '- a\n', /problem/],
  ['a chart of one application', 'version: 1.0.0\nappVersion: 1.2.3\n', /appVersion lists no images/],
])('refused: %s', (name, text, words) => {
  expect(() => readRelease(write(`${name}.yaml`, text), {})).toThrow(
    expect.objectContaining({ code: 'RELEASE_INVALID', message: expect.stringMatching(words) }) as Error,
  )
})

const manifest = (tag: string, replicas: number): string =>
  `apiVersion: v1\nkind: List\nitems:\n- { apiVersion: apps/v1, kind: Deployment, metadata: { name: a }, spec: { replicas: ${replicas}, image: "x.org/hub/a:${tag}" } }\n---\n`

test('two renderings: the images that move, and what needs the chart', () => {
  const compared = compareRendered(write('old.yaml', manifest('v1', 1)), write('new.yaml', manifest('v2', 2)))
  expect(releaseOfManifests('1.1.0', compared, 'new.yaml')).toMatchObject({
    services: { 'hub/a': 'v2' },
    differences: ['Deployment a: spec.replicas changes from 1 to 2'],
  })
})

test('without helm it says how to do without', async () => {
  const chart = { folder, values: [] }
  await expect(compareCharts(chart, chart, { PATH: folder })).rejects.toMatchObject({
    code: 'USAGE',
    message: 'helm is not on PATH.',
  })
})
