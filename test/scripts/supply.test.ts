import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { refusedLicences } from '../../scripts/supply/licences'

const folder = mkdtempSync(join(tmpdir(), 'refit-supply-'))
afterAll(() => rmSync(folder, { recursive: true }))

const refused = (license: unknown): string[] => {
  const file = join(folder, 'package-lock.json')
  writeFileSync(file, JSON.stringify({ packages: { '': {}, 'node_modules/x': { version: '1.0.0', license } } }))
  return refusedLicences(file).map(({ name, version, licence }) => `${name}@${version} ${licence}`)
}

test.each(['MIT', 'Apache-2.0 OR GPL-3.0-only', '(MIT AND BSD-3-Clause)'])('%s is allowed', (licence) =>
  expect(refused(licence)).toEqual([]),
)
test.each<[unknown, string]>([
  ['GPL-3.0-only', 'x@1.0.0 GPL-3.0-only'],
  ['MIT AND AGPL-3.0-only', 'x@1.0.0 MIT AND AGPL-3.0-only'],
  ['SEE LICENSE IN FILE', 'x@1.0.0 SEE LICENSE IN FILE'],
  [undefined, 'x@1.0.0 unknown'],
])('%s is not', (licence, words) => expect(refused(licence)).toEqual([words]))

test('every package of the lock file is under a licence that is allowed', () =>
  expect(refusedLicences(join(__dirname, '../../package-lock.json'))).toEqual([]))
