import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rehearsalLines } from '../../src/cli/commands/migrations-rehearse-lines'
import { createPaint } from '../../src/cli/render'
import type { Rehearsal } from '../../src/clients/migrations/rehearse'
import { refit } from './support'

let directory: string
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'refit-cli-rehearse-'))))
afterAll(() => rmSync(directory, { recursive: true }))

const copy = 'postgres://someone:hunter2@127.0.0.1:1/postgres'
const rehearse = (...more: string[]) => refit(['migrations', 'rehearse', directory, ...more])

test('a rehearsal needs a throw-away server, and says so', async () => {
  const run = await rehearse()
  expect(run).toMatchObject({ code: 2, opened: [] })
  expect(run.err).toMatch(/no server to rehearse on.*never production/s)
})

test.each([
  ['no URL', ['--copy', 'hunter2'], /no URL of PostgreSQL/],
  ['TLS', ['--copy', `${copy}?sslmode=require`], /asks for TLS/],
  ['two schemas', ['--copy', copy, '--schema', 'a.sql', '--use-existing'], /exclude each other/],
  ['no such schema', ['--copy', copy, '--schema', '/no/such.sql'], /can't be read/],
  ['a size that is none', ['--copy', copy, '--sizes', 'transfer'], /is no size/],
  ['no migrations', ['--copy', copy], /has no migrations/],
])('a wrong command line is refused without its password: %s', async (_, args, said) => {
  const run = await rehearse(...args)
  expect(run.code).toBe(2)
  expect(run.err).toMatch(said)
  expect(run.out + run.err).not.toContain('hunter2')
})

test('a server that is away is a failure that can be tried again', async () => {
  writeFileSync(join(directory, '1.sql'), 'select 1')
  const run = await refit(['migrations', 'rehearse', directory, '-o', 'json'], { env: { REFIT_COPY_URL: copy } })
  expect(run.code).toBe(1)
  expect(run.json()).toMatchObject({ error: { code: 'DATABASE_UNAVAILABLE' } })
  expect(run.out + run.err).not.toContain('hunter2')
})

test('people read what each statement did, the reasons, and the answer', () => {
  const rehearsal: Rehearsal = {
    verdict: 'heavy',
    answer: 'needs-window',
    version: '18.4',
    files: [
      {
        path: '1.sql',
        sha256: 'a'.repeat(64),
        transaction: true,
        verdict: 'heavy',
        answer: 'needs-window',
        findings: [
          {
            verdict: 'heavy',
            rule: 'table-rewrite',
            statement: 2,
            table: 'transfer',
            why: 'writes every row of transfer anew while nobody can read it',
            safe: 'Add a new column.',
            answer: 'needs-window',
          },
        ],
        statements: [
          { sql: 'select 1', outsideTransaction: false, locks: [], rewritten: [], rebuilt: [], scanned: [] },
          {
            sql: 'alter table transfer\n  alter column amount type bigint',
            outsideTransaction: false,
            locks: [{ relation: 'transfer', mode: 'AccessExclusive' }],
            rewritten: ['transfer'],
            rebuilt: [],
            scanned: [],
          },
        ],
        again: 'changes',
        schema: { before: 'c'.repeat(64), after: 'd'.repeat(64) },
        tightens: [],
      },
    ],
    applied: [],
    notRun: [],
    schema: { before: 'b', after: 'c', changes: ['~ column transfer.amount: integer | → bigint |'] },
    isFaithful: true,
    digest: 'd'.repeat(64),
  }
  expect(rehearsalLines({ paint: createPaint(false) }, rehearsal).join('\n')).toMatchInlineSnapshot(`
   "1.sql  heavy: needs-window  a second run changes something
     [2] alter table transfer alter column amount type bigint
         AccessExclusive on transfer; rewrites transfer
     1 of 2 statements took no lock on a live table
     heavy (table-rewrite) [2] writes every row of transfer anew while nobody can read it
         Add a new column.

   the schema differs by
     ~ column transfer.amount: integer | → bigint |

   heavy: needs-window  PostgreSQL 18.4, rehearsal dddddddddddd"
  `)
})
