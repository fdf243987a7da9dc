import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { countsOf, lintMigrations, reaches } from '../../src/operations/lint-migrations'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refit-lint-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}

const lint = async (paths: string[] = [folder], { schema = [] as string[], stdin = '' } = {}) =>
  lintMigrations({
    paths,
    schema,
    pgVersion: 18,
    transaction: 'auto',
    readStdin: () => Promise.resolve(stdin),
  })

const serious = (report: Awaited<ReturnType<typeof lint>>) =>
  report.files.map(({ file, findings }) => [
    file.replace(`${folder}/`, ''),
    ...findings.filter(({ severity }) => severity !== 'form').map(({ rule }) => rule),
  ])

test('a directory is read by phase, then by name, and only contract may delete', async () => {
  await write({
    'contract/001.sql': 'drop table old',
    'backfill/001.sql': 'update accounts set a = 1',
    'expand/002.sql': 'alter table accounts add b text unique',
    'expand/001.sql': 'drop table older',
    'expand/readme.md': 'no SQL',
    '.hidden/003.sql': 'drop table no',
  })
  expect(serious(await lint())).toEqual([
    ['expand/001.sql', 'ban-drop-table'],
    ['expand/002.sql', 'disallowed-unique-constraint'],
    ['backfill/001.sql', 'update-without-where'],
    ['contract/001.sql'],
  ])
})

test('later files know what earlier ones created, but don’t take it for unused', async () => {
  await write({
    '001.sql': 'create table accounts (id bigint, nick varchar(20))',
    '002.sql': 'alter table accounts alter column nick type varchar(30); create index i on accounts (nick)',
  })
  expect(serious(await lint())).toEqual([['001.sql'], ['002.sql', 'require-concurrent-index-creation']])
})

test('a dump tells what is there before, with commands of its client in it', async () => {
  await write({
    'dump.sql': '\\restrict abc\nCREATE TABLE public.accounts (nick character varying(20));\n\\unrestrict abc\n',
    'new.sql': 'alter table accounts alter column nick type text',
  })
  const file = join(folder, 'new.sql')
  expect(serious(await lint([file]))).toEqual([['new.sql', 'changing-column-type']])
  expect(serious(await lint([file], { schema: [join(folder, 'dump.sql')] }))).toEqual([['new.sql']])
})

test('code is listed, never loaded; what undoes is listed, too', async () => {
  await write({
    '001.js': "throw new Error('loaded')",
    '002.up.sql': 'create table t (id bigint)',
    '002.down.sql': 'drop table t',
    'types.d.ts': '',
  })
  const report = await lint()
  expect(serious(report)).toEqual([['002.up.sql']])
  expect(report.notLinted.map(({ reason }) => reason)).toEqual([
    'code is not loaded here, and its SQL shows only when it runs: rehearse it',
    'it undoes a migration',
  ])
})

test('the half of a file that undoes is left out, and its word about transactions counts', async () => {
  await write({
    'goose.sql':
      '-- +goose NO TRANSACTION\n-- +goose Up\ncreate index concurrently i on t (a);\n-- +goose Down\ndrop table t;',
    'dbmate.sql': '-- migrate:up transaction:false\ndrop index concurrently i;\n-- migrate:down\ndrop table t;',
  })
  expect(serious(await lint())).toEqual([['dbmate.sql'], ['goose.sql']])
})

test('links are followed: a mounted ConfigMap is made of them', async () => {
  await write({ '..data/001.sql': 'drop table old' })
  await symlink('..data/001.sql', join(folder, '001.sql'))
  expect(serious(await lint())).toEqual([['001.sql', 'ban-drop-table']])
})

test('stdin, a byte order mark, an empty file and one of comments are read', async () => {
  expect(serious(await lint(['-'], { stdin: '\uFEFFdrop table old' }))).toEqual([['-', 'ban-drop-table']])
  await write({ 'empty.sql': '', 'comments.sql': '-- nothing yet\n' })
  expect(serious(await lint())).toEqual([['comments.sql'], ['empty.sql']])
})

test('all that can’t be read is said at once, with where', async () => {
  await write({ 'a.sql': 'select 1;\nalter tabel x', 'b.sql': "select 'ü', 'open" })
  await expect(lint()).rejects.toMatchObject({
    code: 'USAGE',
    message: [
      `${folder}/a.sql:2:7: syntax error at or near "tabel".`,
      `${folder}/b.sql:1:13: unterminated quoted string at or near "'open".`,
    ].join('\n'),
  })
  await expect(lint([join(folder, 'none')])).rejects.toMatchObject({ code: 'USAGE' })
  await rm(join(folder, 'a.sql'))
  await rm(join(folder, 'b.sql'))
  await expect(lint()).rejects.toMatchObject({ code: 'USAGE', message: `${folder} has no SQL files.` })
})

test('control characters are read, NUL is refused: nothing after it would be seen', async () => {
  expect(serious(await lint(['-'], { stdin: 'select \'\u001b[31m\', "a\u0001b";\f\ndrop table old' }))).toEqual([
    ['-', 'ban-drop-table'],
  ])
  await expect(lint(['-'], { stdin: 'select 1;\0drop table old' })).rejects.toMatchObject({
    code: 'USAGE',
    message: "- can't be parsed: it has a NUL character.",
  })
})

test('what somebody allowed doesn’t count', async () => {
  const report = await lint(['-'], { stdin: '-- refit:allow ban-drop-table: empty since May\ndrop table old; ' })
  expect(countsOf(report)).toMatchObject({ destructive: 0, form: 2 })
  expect(reaches(report, 'destructive')).toBe(false)
  expect(reaches(report, 'form')).toBe(true)
})

test('a file of 5,000 statements is read in one go', async () => {
  const many = Array.from({ length: 5_000 }, (_, n) => `insert into t (a, b) values (${n}, 'x'); -- row ${n}`)
  const { files } = await lint(['-'], { stdin: many.join('\n') })
  expect(files[0]?.locks.at(-1)).toMatchObject({ line: 5_000, locks: { t: 'ROW EXCLUSIVE' } })
})
