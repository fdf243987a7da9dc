import { lintOf } from './support'

const found = async (sql: string) =>
  (await lintOf(sql)).findings
    .filter(({ rule }) => !rule.includes('timeout'))
    .map(({ rule, allowed, detail }) => `${rule}: ${allowed ?? detail}`)

const drop = 'drop table old;'

describe('a comment silences a rule', () => {
  test.each([
    ['above', `-- refit:allow ban-drop-table: empty since May\n${drop}`],
    ['above, among others', `-- a table\n/* refit:allow ban-drop-table: empty since May */\n-- of old\n${drop}`],
    ['inside', 'drop table -- refit:allow ban-drop-table: empty since May\n old;'],
    ['behind', `${drop} -- refit:allow ban-drop-table: empty since May\nselect 1;`],
  ])('%s', async (_, sql) => {
    expect(await found(sql)).toEqual(['ban-drop-table: empty since May'])
  })

  test.each([
    ['no reason', `-- refit:allow ban-drop-table\n${drop}`, 'no reason for ban-drop-table'],
    ['an empty one', `-- refit:allow ban-drop-table:  \n${drop}`, 'no reason for ban-drop-table'],
    ['no such rule', `-- refit:allow everything: please\n${drop}`, 'there is no rule everything'],
    [
      'another statement',
      `${drop}\n-- refit:allow ban-drop-table: late\nselect 1`,
      'ban-drop-table has nothing to silence here',
    ],
  ])('not with %s', async (_, sql, detail) => {
    const all = await found(sql)
    expect(all).toContain('ban-drop-table: old')
    expect(all).toContain(`bad-allow: ${detail}`)
  })

  test('not from within a text', async () => {
    expect(await found(`select '-- refit:allow ban-drop-table: no'; ${drop}`)).toEqual(['ban-drop-table: old'])
  })
})

test('findings say where they are, in characters, behind whatever comes before', async () => {
  const { findings } = await lintOf(
    '-- größer\n/* 💸 */ drop table old;\n\n  alter table t\n    add column "ß" int unique',
  )
  expect(
    findings.filter(({ rule }) => /drop-table|unique/.test(rule)).map(({ rule, line, column }) => [rule, line, column]),
  ).toEqual([
    ['ban-drop-table', 2, 10],
    ['disallowed-unique-constraint', 5, 24],
  ])
})

test('locks are told for tables that are in use', async () => {
  const { locks } = await lintOf('create table t (id int); alter table t add a int;\ncreate index i on u (a)')
  expect(locks).toEqual([{ line: 2, column: 1, statement: 'create index i on u (a)', locks: { u: 'SHARE' } }])
})
