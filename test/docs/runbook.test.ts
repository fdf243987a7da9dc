import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decisionKinds, type Hold } from '../../src/domain/decision'

const root = join(__dirname, '../..')
const runbook = readFileSync(join(root, 'docs/runbook.md'), 'utf8')
const section = (title: string): string => {
  const [, rest = ''] = runbook.split(`\n## ${title}\n`)
  return rest.split('\n## ')[0] ?? ''
}
/** They ask for nothing. */
const quiet = new Set(['up-to-date', 'candidate'])
const holds: Record<Hold, true> = {
  ...{
    unsigned: true,
    'bad-signature': true,
    age: true,
    quarantine: true,
    rejection: true,
    owner: true,
    platform: true,
    promotion: true,
    upgrade: true,
  },
}

test.each(decisionKinds.filter((kind) => !quiet.has(kind)))('the decision %s has a section of the runbook', (kind) => {
  expect(section('What a scan decided')).toContain(`\n### ${kind}\n`)
})

test.each(Object.keys(holds))('what is held by %s has a row with what to do, and a place to point to', (hold) => {
  expect(section('What a scan decided')).toContain(`| <a id="${hold}"></a>\`${hold}\` |`)
})

test('every kind of alert that Refit sends has a row with what to do', () => {
  const rows = [...section('Alerts that ask for something').matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, keys = '']) =>
    [...keys.matchAll(/`([a-z-]+)\/`/g)].map(([, key]) => key),
  )
  const sent = new Set(
    alertSources().flatMap((text) => [...text.matchAll(/(?:\bkey: |=> )[`']([a-z-]+)\//g)].map(([, key]) => key)),
  )
  expect(sent.size).toBeGreaterThan(8)
  expect([...sent].filter((key) => !rows.includes(key))).toEqual([])
})

/** Where alerts are made. */
function alertSources(): string[] {
  const files = [
    ...inFolder('src/domain', /alerts?\.ts$|^digest\.ts$/),
    ...inFolder('src', /^oversee-outbox\.ts$/),
    ...inFolder('src/operations', /^alerts\.ts$/),
  ]
  return files.map((file) => readFileSync(file, 'utf8'))
}

function inFolder(folder: string, named: RegExp): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => named.test(name))
    .map((name) => join(root, folder, name))
}
