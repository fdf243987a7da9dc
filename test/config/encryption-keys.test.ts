import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryptionKeysOf } from '../../src/config/encryption-keys'

const key = Buffer.alloc(32, 1).toString('base64')
const other = Buffer.alloc(32, 2).toString('base64')
const file = join(mkdtempSync(join(tmpdir(), 'refit-keys-')), 'keys')
writeFileSync(file, `# newest first\n2026-12:${key}\n\n2026-06:${other}\n`)

test.each<[string, Record<string, string>, string[]]>([
  ['no key is there unless one is given', {}, []],
  ['the first key of a variable writes', { REFIT_ENCRYPTION_KEYS: `b:${key}, a:${other}` }, ['b', 'a']],
  ['a file has a key a line', { REFIT_ENCRYPTION_KEYS_FILE: file }, ['2026-12', '2026-06']],
])('%s', (_, env, ids) => {
  expect([...encryptionKeysOf(env).keys()]).toEqual(ids)
})

const short = Buffer.alloc(16, 3).toString('base64')
test.each<[string, Record<string, string>, RegExp]>([
  ['both at once', { REFIT_ENCRYPTION_KEYS: `a:${key}`, REFIT_ENCRYPTION_KEYS_FILE: file }, /both set/],
  ['a key of 16 bytes', { REFIT_ENCRYPTION_KEYS: `a:${key},b:${short}` }, /Key 2 .* 32 bytes/],
  ['a key without an id', { REFIT_ENCRYPTION_KEYS: key }, /Key 1 .* id:key/],
  ['an id with a blank', { REFIT_ENCRYPTION_KEYS: `a b:${key}` }, /Key 1 /],
  ['one id twice', { REFIT_ENCRYPTION_KEYS: `a:${key},a:${other}` }, /two keys with the id a/],
  ['nothing but commas', { REFIT_ENCRYPTION_KEYS: ',,' }, /has no key/],
  ['a file that is not there', { REFIT_ENCRYPTION_KEYS_FILE: `${file}.gone` }, /can't be read \(ENOENT\)/],
])('refuses %s and shows no key', (_, env, message) => {
  let thrown: unknown
  try {
    encryptionKeysOf(env)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) as string })
  for (const secret of [key, other, short]) expect(String(thrown)).not.toContain(secret)
})
