import '@microsoft/jest-sarif'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { refit } from './support'

let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refit-lint-cli-'))
  file = join(folder, '001 add.sql')
  await writeFile(
    file,
    `-- refit:allow require-statement-timeout: the runner sets it
CREATE INDEX i ON accounts (email);
-- refit:allow ban-drop-table: <empty> & unused since May
DROP TABLE old;
ALTER TABLE accounts ALTER COLUMN nick TYPE text;
`,
  )
  await writeFile(join(folder, '002.js'), '')
  await writeFile(join(folder, '003.sql'), 'select 1')
})
afterAll(() => rm(folder, { recursive: true }))

const run = (...args: string[]) => refit(['migrations', 'lint', ...args])

test('says of each finding where, why and the safe way, and what is not known; opens nothing', async () => {
  const { out, code, opened } = await run(folder)
  expect(out).toContain(
    `${file}:2:1: heavy require-concurrent-index-creation: i
  why:  CREATE INDEX holds SHARE on the table until the index is built: every write waits.
  safe: CREATE INDEX CONCURRENTLY in a file of its own without a transaction, then look at pg_index.indisvalid.
`,
  )
  expect(out).toContain('  not known from the files: what it costs: the type that it has is not known; rehearse it\n')
  expect(out).toContain('002.js: not linted: code is not loaded here')
  expect(out).toMatch(/\n2 files linted: 3 heavy, 1 form; 2 to rehearse; 2 allowed by comments; 1 not linted\n$/)
  expect(code).toBe(1)
  expect(opened).toEqual([])
})

test.each([
  ['form', 'form', 1],
  ['form', 'destructive', 0],
  ['heavy', 'heavy', 1],
  ['heavy', 'fails', 0],
  ['heavy', 'never', 0],
])('with the worst finding %s, --fail-on %s exits %d', async (worst, threshold, code) => {
  const path = join(folder, 'one.txt')
  await writeFile(path, worst === 'form' ? 'alter table t add a text' : 'alter table t set unlogged')
  expect((await run(path, '--fail-on', threshold)).code).toBe(code)
})

test('exits 2 for what can’t be read and for words that it doesn’t know', async () => {
  expect((await run(join(folder, 'none.sql'))).code).toBe(2)
  expect((await run(file, '--fail-on', 'loud')).code).toBe(2)
  expect((await run(file, '--pg-version', 'new')).code).toBe(2)
  expect((await run()).code).toBe(2)
})

test('the server’s version and the runner’s transactions are taken into account', async () => {
  const path = join(folder, 'two.txt')
  await writeFile(path, 'alter table t add a int default 1')
  expect((await run(path, '--pg-version', '10.4')).out).toContain('adding-field-with-default')
  expect((await run(path)).out).not.toContain('adding-field-with-default')
  await writeFile(path, 'create index concurrently i on t (a)')
  expect((await run(path, '--no-transaction')).code).toBe(0)
  expect((await run(path, '--assume-in-transaction')).code).toBe(1)
})

test('-o json has findings, locks and what was not linted', async () => {
  const { files, notLinted } = (await run(folder, '-o', 'json')).json() as {
    files: { file: string; findings: object[]; locks: object[] }[]
    notLinted: object[]
  }
  expect(files.map((each) => each.file)).toEqual([file, join(folder, '003.sql')])
  expect(files[0]?.findings).toContainEqual(
    expect.objectContaining({ rule: 'ban-drop-table', allowed: '<empty> & unused since May' }),
  )
  expect(files[0]?.locks[0]).toMatchObject({ locks: { accounts: 'SHARE' } })
  expect(notLinted).toHaveLength(1)
})

test('-o sarif is valid SARIF 2.1.0, with what was allowed as suppressed', async () => {
  const log = (await run(folder, '-o', 'sarif')).json() as { runs: { results: { ruleId: string }[] }[] }
  expect(log).toBeValidSarifLog()
  const results = log.runs[0]?.results ?? []
  expect(results.find(({ ruleId }) => ruleId === 'require-concurrent-index-creation')).toMatchObject({
    level: 'error',
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: `file://${folder}/001%20add.sql` },
          region: { startLine: 2, startColumn: 1 },
        },
      },
    ],
  })
  expect(results.find(({ ruleId }) => ruleId === 'ban-drop-table')).toMatchObject({
    suppressions: [{ kind: 'inSource', justification: '<empty> & unused since May' }],
  })
  expect(results.find(({ ruleId }) => ruleId === 'not-linted')).toMatchObject({ level: 'note' })
})

test('-o junit fails what counts, skips what was allowed', async () => {
  const { out } = await run(folder, '-o', 'junit')
  expect(out).toMatch(
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites tests="8" failures="3" errors="0" skipped="3">/,
  )
  expect(out).toContain('type="heavy"')
  expect((await run(folder, '-o', 'junit', '--fail-on', 'never')).out).toContain('failures="0"')
})

test('no other command takes -o sarif', async () => {
  const { code, err } = await refit('status -o sarif')
  expect(code).toBe(2)
  expect(err).toContain("argument 'sarif' is invalid. Allowed choices are table, json, yaml.")
})
