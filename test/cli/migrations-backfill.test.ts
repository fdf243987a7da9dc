import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { refit } from './support'

const folder = mkdtempSync(join(tmpdir(), 'refit-backfill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(text: string): string {
  const path = join(folder, 'backfill.yaml')
  writeFileSync(path, text)
  return path
}
const good = 'backfill: { table: t, key: [id], set: { a: "1" }, where: a is null }'
const env = { LEDGER: 'postgres://nobody:hunter2@127.0.0.1:1/none' }

test.each<[string, string, string, NodeJS.ProcessEnv, number, string]>([
  ['no database named', good, '', env, 2, '--database'],
  ['a variable that is not set', good, '--database OTHER', env, 2, 'There is no environment variable OTHER'],
  ['a variable that is no URL', good, '--database LEDGER', { LEDGER: 'hunter2' }, 2, '$LEDGER is no URL'],
  [
    'a bad declaration',
    'backfill: { table: t }',
    '--database LEDGER',
    env,
    2,
    'backfill.key must be a list of columns',
  ],
  ['no YAML', 'a: [', '--database LEDGER', env, 2, 'problem'],
  ['a target out of bounds', good, '--database LEDGER --target 1m', env, 2, '--target is out of bounds'],
  ['two looks at once', good, '--database LEDGER --dry-run --status', env, 2, 'exclude each other'],
  ['a database that is away', good, '--database LEDGER', env, 1, 'ECONNREFUSED'],
  [
    'a MariaDB that is away',
    good,
    '--database LEDGER',
    { LEDGER: 'mariadb://nobody:hunter2@127.0.0.1:1/none' },
    1,
    'MariaDB/MySQL was lost',
  ],
  ['a database that is away, in a dry run', good, '--database LEDGER --dry-run', env, 1, 'ECONNREFUSED'],
])('%s', async (_name, text, options, variables, code, said) => {
  const run = await refit(`migrations backfill ${file(text)} ${options}`, { env: variables })
  expect(run.code).toBe(code)
  expect(run.err).toContain(said)
  expect(run.err).not.toContain('hunter2')
  expect(run.opened.filter((part) => part !== 'config')).toEqual([])
})

test('a file that is not there', async () => {
  const run = await refit('migrations backfill /nowhere.yaml --database LEDGER', { env })
  expect(run).toMatchObject({ code: 2 })
  expect(run.err).toContain("/nowhere.yaml can't be read (ENOENT)")
})
