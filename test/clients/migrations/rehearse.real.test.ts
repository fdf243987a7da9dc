import type { Rehearsal } from '../../../src/clients/migrations/rehearse'
import { knex, type Rehearsals, rehearsals } from './rehearse-support'

let server: Rehearsals
beforeAll(async () => {
  server = await rehearsals()
})
afterAll(() => server.remove())

const rules = ({ files }: Rehearsal): string[] =>
  files.flatMap(({ findings }) => findings.map(({ statement, rule }) => `${statement ?? 'file'} ${rule}`))

test('each statement is told with the locks that it really took', async () => {
  const rehearsal = await server.on({
    '1.sql': `alter table transfer add column note text;
      alter table transfer add constraint positive check (amount > 0) not valid;
      alter table transfer validate constraint positive;
      alter table transfer alter column amount type numeric(12, 3);
      create table refund (id bigint references transfer (id));`,
  })
  const [file] = rehearsal.files
  expect(file?.statements.map(({ locks }) => locks.map(({ relation, mode }) => `${mode} ${relation}`))).toEqual([
    ['AccessExclusive transfer'],
    [],
    ['ShareUpdateExclusive transfer'],
    ['Share transfer'],
    ['AccessShare transfer', 'ShareRowExclusive transfer'],
  ])
  expect(rules(rehearsal)).toEqual(['2 tightens', '3 scan-under-lock', '4 table-rewrite', '4 tightens'])
  expect(rehearsal).toMatchObject({ verdict: 'heavy', isFaithful: true })
  expect(rehearsal.schema.changes).toContain('+ column transfer.note: text |')
})

test('the safe form of the same is light, outside a transaction too', async () => {
  const rehearsal = await server.on({
    'expand/1.sql': `-- no-transaction
      create index concurrently if not exists by_quote on transfer (quote);
      drop index concurrently if exists transfer_state;`,
    'expand/2.js': knex('await knex.raw("create index concurrently if not exists by_q on transfer (quote)")').concat(
      'exports.config = { transaction: false }; exports.down = (knex) => knex.raw("drop index by_q")',
    ),
  })
  expect(rehearsal).toMatchObject({ verdict: 'light', answer: 'go' })
  const [sql, js] = rehearsal.files
  expect(sql?.statements.map(({ locks, outsideTransaction }) => [locks, outsideTransaction])).toEqual([
    [[{ relation: 'transfer', mode: 'ShareUpdateExclusive' }], true],
    [[{ relation: 'transfer', mode: 'ShareUpdateExclusive' }], true],
  ])
  expect([sql?.again, js?.again, js?.transaction, js?.down]).toEqual(['same', 'same', false, 'restores'])
})

test('a statement that knex would have to run alone fails before anybody is asked', async () => {
  const rehearsal = await server.on({
    '1.js': knex('await knex.raw("create index concurrently i on transfer (quote)")'),
    '2.sql': 'select 1',
  })
  expect(rehearsal).toMatchObject({ verdict: 'fails', answer: 'refused', notRun: ['2.sql'] })
  expect(rehearsal.files[0]?.findings.at(-1)).toMatchObject({ rule: 'run-fails', safe: /transaction: false/ })
})

test('an undo that leaves something behind, and a file that is not repeatable, are told', async () => {
  const rehearsal = await server.on({
    'expand/1.js': knex(
      'await knex.schema.alterTable("transfer", (t) => { t.text("a"); t.text("b") })',
      'exports.down = (knex) => knex.schema.alterTable("transfer", (t) => { t.dropColumn("a") })',
    ),
    'contract/1.sql': 'alter table transfer drop column state;',
  })
  expect(rehearsal.files.map(({ verdict, again, down }) => [verdict, again, down])).toEqual([
    ['light', 'fails', 'differs'],
    ['irreversible', 'fails', undefined],
  ])
})
