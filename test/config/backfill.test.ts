import { parse } from 'yaml'
import { parseBackfill } from '../../src/config/backfill'

const good = `
  table: transfer
  key: [id]
  set: { quote_id: "'q'" }
  where: quote_id is null`
const parsed = (text: string) => parseBackfill(parse(`backfill:${text}`))

test('defaults: no proof but what where means, and limits of pauses', () => {
  expect(parsed(good)).toEqual({
    backfill: {
      ...{
        table: 'transfer',
        key: ['id'],
        change: { kind: 'set', set: { quote_id: "'q'" }, where: 'quote_id is null' },
      },
      pauseWhile: { replicaLagMs: 5_000, blockedMs: 1_000, longTransactionMs: 300_000 },
    },
  })
})

test('all that can be written', () => {
  expect(
    parsed(`
  table: hub.transfer
  key: [payer, seq]
  statement: |
    update hub.transfer t set a = 1
    where a is null and {range t}
  proof: select 1 from hub.transfer where a is null limit 1
  pauseWhile: { replicaLag: 1s, blocked: 200ms, longTransaction: 1m, health: { url: "http://127.0.0.1:8080/health", p95: 250ms } }`),
  ).toMatchObject({
    backfill: {
      change: { kind: 'statement' },
      pauseWhile: { replicaLagMs: 1_000, blockedMs: 200, longTransactionMs: 60_000, health: { p95Ms: 250 } },
    },
  })
})

const lines = (...each: string[]) => `\n${each.map((line) => `  ${line}`).join('\n')}`
test.each([
  [
    'neither set nor statement',
    lines('table: t', 'key: [id]', 'where: a'),
    ['backfill.set is needed, or statement: one of the two'],
  ],
  [
    'both',
    `${good}\n  statement: update t set a = 1 where {range}`,
    ['backfill.set is needed, or statement: one of the two', 'belongs into the statement', 'backfill.proof is needed'],
  ],
  ['no where', lines('table: t', 'key: [id]', 'set: { a: "1" }'), ['backfill.where is needed with set']],
  [
    'a statement without a range',
    lines('table: t', 'key: [id]', 'statement: update t set a = 1', 'proof: select 1'),
    ['backfill.statement must have {range}'],
  ],
  [
    'a statement without a proof',
    lines('table: t', 'key: [id]', 'statement: update t set a = 1 where {range}'),
    ['backfill.proof is needed'],
  ],
  ['a proof that is no query', `${good}\n  proof: delete from t`, ['backfill.proof must be a query']],
  ['a semicolon', lines('table: t', 'key: [id]', 'set: { a: "1;" }', 'where: a'), ['backfill.set.a must be SQL']],
  ['no key', lines('table: t', 'key: []', 'set: { a: "1" }', 'where: a'), ['backfill.key must name a column']],
  [
    'a column twice',
    lines('table: t', 'key: [id, id]', 'set: { a: "1" }', 'where: a'),
    ['backfill.key must not name a column twice'],
  ],
  [
    'a change of the key',
    lines('table: t', 'key: [id]', 'set: { id: "1" }', 'where: a'),
    ['backfill.set must not change id'],
  ],
  [
    'three names',
    lines('table: a.b.c', 'key: [id]', 'set: { a: "1" }', 'where: a'),
    ['backfill.table must be a table or schema.table'],
  ],
  ['an unknown key', `${good}\n  batch: 1000`, ['backfill has no key batch']],
  [
    'a limit that is no duration',
    `${good}\n  pauseWhile: { blocked: soon }`,
    ['backfill.pauseWhile.blocked must be a duration'],
  ],
])('%s is refused', (_name, text, problems) => {
  const answer = parsed(text)
  expect(answer).toHaveProperty('problems')
  for (const problem of problems) expect((answer as { problems: string[] }).problems.join('\n')).toContain(problem)
})

test.each([[null], ['text'], [{}], [{ backfill: null }], [{ backfill: [] }]])('%j is no backfill', (tree) =>
  expect(parseBackfill(tree)).toHaveProperty('problems'),
)
