import { chooseFolder, joined, knexfileFor } from '../../../src/domain/migrations/choose-folder'
import { knexfileHints } from '../../../src/domain/migrations/knexfile'

const folder = (path: string, ...names: string[]) => ({
  path,
  files: (names.length > 0 ? names : ['100100_a.js']).map((name) => ({ name })),
})
const choose = (folders: ReturnType<typeof folder>[], knexfiles: Record<string, string> = {}) =>
  chooseFolder({
    folders,
    workingDirectory: 'opt/app',
    knexfiles: Object.entries(knexfiles).map(([path, text]) => ({ path, hints: knexfileHints(text) })),
  })

test.each([
  [
    'the one below the working directory',
    [folder('opt/app/migrations'), folder('srv/migrations')],
    'opt/app/migrations',
  ],
  ['the nearest', [folder('opt/app/a/b/migrations'), folder('opt/app/src/migrations')], 'opt/app/src/migrations'],
  [
    'of two equally near ones the one with more files',
    [folder('opt/app/dist/migrations', '100_a.js', '200_b.js'), folder('opt/app/src/migrations')],
    'opt/app/dist/migrations',
  ],
  ['none whose files have no number', [folder('opt/app/migrations', 'index.js')], undefined],
  ['none outside the working directory', [folder('srv/migrations')], undefined],
  ['none without files that knex loads', [folder('opt/app/migrations', '100_a.sql')], undefined],
])('chosen is %s', (_what, folders, path) => {
  expect(choose(folders)?.folder.path).toBe(path)
})

test('what a knexfile names wins, relative to itself or to the working directory, and the others are told', () => {
  const folders = [folder('opt/app/migrations'), folder('opt/app/db/migrations', 'init.js')]
  const text = "module.exports = { migrations: { directory: path.join(__dirname, '../db/migrations') } }"
  expect(choose(folders, { 'opt/app/config/knexfile.js': text })).toEqual({
    folder: folders[1],
    why: '/opt/app/config/knexfile.js names it',
    others: ['opt/app/migrations'],
    knexfile: { path: 'opt/app/config/knexfile.js', hints: knexfileHints(text) },
  })
  const relative = "module.exports = { migrations: { directory: './db/migrations' } }"
  expect(choose(folders, { 'opt/app/config/knexfile.js': relative })?.folder).toBe(folders[1])
})

test('settings are those of the knexfile that names the folder, else of the only one', () => {
  const one = { path: 'opt/app/knexfile.js', hints: knexfileHints("tableName: 'a'") }
  const other = { path: 'opt/app/b/knexfile.js', hints: knexfileHints("directory: 'migrations', tableName: 'b'") }
  const of = (knexfiles: (typeof one)[], path: string) =>
    knexfileFor({ knexfiles, workingDirectory: 'opt/app' }, path).knexfile
  expect(of([one], 'opt/app/migrations')).toBe(one)
  expect(of([one, other], 'opt/app/migrations')).toBe(other)
  expect(of([one, other], 'opt/app/x')).toBeUndefined()
})

test('of a knexfile the text is read: settings that are commented out or of two minds are none', () => {
  const text = `
    // tableName: 'old'
    /* disableMigrationsListValidation: true */
    const url = 'mysql://db'
    module.exports = {
      migrations: { directory: \`migrations\`, tableName: 'migration', loadExtensions: ['.js', ".ts"] } }`
  expect(knexfileHints(text)).toEqual({
    folders: ['migrations', 'migration'],
    tableName: 'migration',
    loadExtensions: ['.js', '.ts'],
  })
  expect(knexfileHints("a: { tableName: 'a' }, b: { tableName: 'b' }")).toEqual({ folders: [] })
  expect(knexfileHints('disableMigrationsListValidation: true')).toMatchObject({
    disableMigrationsListValidation: true,
  })
  expect(knexfileHints('x'.repeat(1e6) + "'".repeat(1e5)).folders).toEqual([])
})

test.each([
  ['opt/app', './migrations', 'opt/app/migrations'],
  ['opt/app', '../../../../etc', 'etc'],
  ['opt/app', '/srv//x/./y', 'srv/x/y'],
])('%s and %s is %s', (base, path, result) => {
  expect(joined(base, path)).toBe(result)
})
