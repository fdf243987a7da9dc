import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readBackfill, readBackfillFile } from '../../src/config/backfill-file'

const directory = mkdtempSync(join(tmpdir(), 'refit-backfill-file-'))
beforeAll(() => mkdirSync(join(directory, 'backfill')))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const read = (text: string) => {
  writeFileSync(join(directory, 'backfill', '001_a.yaml'), text)
  return readBackfillFile(directory, '001_a.yaml')
}

test('a file of a migrations directory is read by its name', async () => {
  expect(await read('backfill: { table: t, key: [id], set: { a: "1" }, where: a is null }')).toMatchObject({
    table: 't',
    key: ['id'],
    change: { kind: 'set', set: { a: '1' }, where: 'a is null' },
  })
})

test.each([
  [
    'bad values, all at once',
    'backfill: { table: 1, key: id, set: { a: "1" } }',
    ['backfill.table must', 'backfill.key must'],
  ],
  ['no backfill in it', 'transfer: {}', ['the file has no key transfer', 'backfill ']],
  ['no YAML', 'a: [', ['1 problem']],
  ['a YAML bomb', `a: &a [1]\nb: [${Array(200).fill('*a').join(',')}]`, ['alias']],
])('%s: CONFIG_INVALID names the file and each path', async (_name, text, said) => {
  const error = await read(text).catch((thrown: Error) => thrown)
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
  for (const each of ['backfill/001_a.yaml', ...said]) expect((error as Error).message).toContain(each)
})

test('a file that is not there is CONFIG_INVALID in a migrations directory, and USAGE where a person named it', async () => {
  await expect(readBackfillFile(directory, 'none.yaml')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining("none.yaml can't be read (ENOENT)") as string,
  })
  await expect(readBackfill('/nowhere.yaml')).rejects.toMatchObject({ code: 'USAGE' })
})
