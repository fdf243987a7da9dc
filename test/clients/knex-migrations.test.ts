import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { helpersHash, listMigrationFiles } from '../../src/clients/knex-migrations'

let directory: string
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'refit-migrations-'))))
afterEach(() => rm(directory, { recursive: true, force: true }))

async function put(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(directory, dirname(path)), { recursive: true })
    await writeFile(join(directory, path), 'exports.up = () => undefined')
  }
}
const listed = async (folder = directory) =>
  (await listMigrationFiles(folder)).map(({ phase, name }) => `${phase}/${name}`)

test("the sample hub's migrations are one of each phase", async () => {
  const files = await listMigrationFiles(join(__dirname, '../../examples/hub/migrations/ledger'))
  expect(files.map(({ phase }) => phase)).toEqual(['expand', 'backfill', 'contract'])
  for (const { sha256 } of files) expect(sha256).toMatch(/^[0-9a-f]{64}$/)
})

test('notes, declarations and helpers in folders of their own do not count', async () => {
  await put('expand/2_b.js', 'expand/1_a.js', 'expand/1_a.d.ts', 'expand/lib/helper.js', 'README.md', '.cache/x.js')
  await expect(listed()).resolves.toEqual(['expand/1_a.js', 'expand/2_b.js'])
})

test('code that files may load has a hash of its own, packages and notes beside it have none', async () => {
  await put('expand/1_a.js', 'README.md', 'lib/x.js', 'expand/node_modules/p/index.js', 'expand/.cache/x.js')
  await expect(helpersHash(directory)).resolves.toBeUndefined()
  await put('expand/lib/helper.js')
  const hash = await helpersHash(directory)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  await put('expand/2_b.js')
  await expect(helpersHash(directory)).resolves.toBe(hash)
  await writeFile(join(directory, 'expand/lib/helper.js'), 'exports.changed = true')
  await expect(helpersHash(directory)).resolves.not.toBe(hash)
})

test('a directory made of links, as a ConfigMap is mounted, is read', async () => {
  await put('..2026_11_24/expand/1_a.js')
  await symlink('..2026_11_24', join(directory, '..data'))
  await symlink('..data/expand', join(directory, 'expand'))
  await expect(listed()).resolves.toEqual(['expand/1_a.js'])
})

test.each([
  ['a misspelled folder', ['expnad/1_a.js', 'contract/2_b.js'], 'expnad/1_a.js lies in none of'],
  ['a file in no folder', ['1_a.js', 'expand/2_b.js'], '1_a.js lies in none of'],
  ['a source that nobody compiled', ['expand/1_a.ts'], 'expand/1_a.ts is neither .js, .cjs nor .sql'],
  ['one name in two phases', ['expand/1_a.js', 'contract/1_a.js'], 'have the same name'],
  ['nothing at all', ['README.md'], 'has no migration files'],
])('%s is refused', async (_name, paths, why) => {
  await put(...paths)
  await expect(listed()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(why) as string,
    next: expect.any(String) as string,
  })
})

test('a directory that is not there is refused', () =>
  expect(listed(join(directory, 'nowhere'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' }))
