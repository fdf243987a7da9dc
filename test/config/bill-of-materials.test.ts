import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, parseConfig, supportOf } from '../../src/config'
import { RefitError } from '../../src/domain/errors'
import { policy } from './support'

const folder = join(__dirname, '../fixtures/bill-of-materials')
const text = `${policy('    strategy: release')}\nbillOfMaterials: hub.yaml
supported:
  - { release: 17.x, until: 2027-06-30 }
  - { images: ["*/hub/ledger", "hub/quoting"], line: 1.0.x, until: 2027-01-31 }
`
const config = () => parseConfig({ text, name: 'refit.yaml', env: {}, folder })
const now = Date.parse('2026-11-24T12:00:00Z')

test('a bill of materials is found beside refit.yaml and comes with the config', () => {
  expect(config().billOfMaterials).toMatchObject({
    product: 'Mojaloop',
    releases: { '17.1.0': { 'mojaloop/central-ledger': 'v19.8.3' } },
  })
  expect(config().supported).toHaveLength(2)
  expect(() => ((config().supported[0] as { until: string }).until = '2099-01-01')).toThrow(TypeError)
})

test.each<[string, string, string[], string | undefined]>([
  ['an image of the product', 'docker.io/mojaloop/central-ledger', ['19.3.x', '19.8.x'], 'v19.8.3'],
  ['on any registry', 'registry.example.org:5000/mojaloop/quoting-service', ['17.6.x', '17.12.x'], 'v17.12.1'],
  ['an image by a glob with its registry', '127.0.0.1:5000/hub/ledger', ['1.0.x'], undefined],
  ['and without', '127.0.0.1:5000/hub/quoting', ['1.0.x'], undefined],
  ['any other', 'docker.io/library/redis', [], undefined],
])('support of %s', (_, repository, ranges, target) => {
  const { lines, releaseTarget } = supportOf(config(), repository, now)
  expect([lines.map(({ range }) => range), releaseTarget?.tag]).toEqual([ranges, target])
})

describe('a bad bill of materials', () => {
  const problemsOf = (content: string): string => {
    const directory = mkdtempSync(join(tmpdir(), 'refit-bom-'))
    writeFileSync(join(directory, 'bom.json'), content)
    writeFileSync(join(directory, 'refit.yaml'), `${policy('    mode: soon')}\nbillOfMaterials: bom.json\n`)
    try {
      loadConfig({ file: join(directory, 'refit.yaml'), env: {} })
    } catch (error) {
      if (error instanceof RefitError && error.code === 'CONFIG_INVALID') return error.message
      throw error
    }
    return ''
  }

  test.each([
    ['no JSON', '{', 'bom.json'],
    ['a list', '[]', 'the file'],
    ['no product', '{"releases":{"1.0":{"a":"v1"}}}', 'product must be the name of the product'],
    ['no releases', '{"product":"P","releases":{}}', 'releases must have at least one release'],
    ['a release without numbers', '{"product":"P","releases":{"next":{"a":"v1"}}}', 'releases next must be a release'],
    [
      'an image with its registry',
      '{"product":"P","releases":{"1.0":{"r.org:5000/a":"v1"}}}',
      'must be an image without',
    ],
    ['a tag that is none', '{"product":"P","releases":{"1.0":{"hub/a":"v1 x"}}}', 'releases 1.0 hub/a must be a tag'],
    ['an unknown key', '{"product":"P","releases":{"1.0":{}},"note":"x"}', 'note is not a known key'],
  ])('%s is named with its path, beside what is wrong in refit.yaml', (_, content, expected) => {
    const message = problemsOf(content)
    expect(message).toContain(expected)
    expect(message).toContain('policies[0].mode must be')
  })
})
