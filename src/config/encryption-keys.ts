import { createSecretKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { RefitError } from '../domain/errors'

/** By their ids; the first one writes, all of them read. Empty: nothing is encrypted. */
export type EncryptionKeys = ReadonlyMap<string, KeyObject>

const keyBytes = 32
const written = /^([\w.-]{1,64}):([A-Za-z0-9+/]{43}=)$/

/**
 * The keys by which payloads are encrypted before Temporal sees them: REFIT_ENCRYPTION_KEYS, `id:key` parted by commas or
 * line feeds, or a file of such lines at REFIT_ENCRYPTION_KEYS_FILE. A key is 32 bytes in base64. Throws CONFIG_INVALID,
 * which tells the place of what is wrong and never its text.
 */
export function encryptionKeysOf(env: Readonly<Record<string, string | undefined>>): EncryptionKeys {
  const inline = env.REFIT_ENCRYPTION_KEYS?.trim()
  const file = env.REFIT_ENCRYPTION_KEYS_FILE?.trim()
  if (inline && file) throw wrong('REFIT_ENCRYPTION_KEYS and REFIT_ENCRYPTION_KEYS_FILE are both set')
  if (inline) return parse(inline, 'REFIT_ENCRYPTION_KEYS')
  if (file) return parse(read(file), 'REFIT_ENCRYPTION_KEYS_FILE')
  return new Map()
}

function parse(text: string, variable: string): EncryptionKeys {
  const keys = new Map<string, KeyObject>()
  const entries = text.split(/[,\n]/).map((entry) => entry.trim())
  const said = entries.filter((entry) => entry !== '' && !entry.startsWith('#'))
  if (said.length === 0) throw wrong(`${variable} has no key`)
  for (const [index, entry] of said.entries()) {
    const [, id, key] = written.exec(entry) ?? []
    const bytes = Buffer.from(key ?? '', 'base64')
    if (id === undefined || bytes.length !== keyBytes)
      throw wrong(`Key ${index + 1} of ${variable} is not written as id:key with 32 bytes in base64`)
    if (keys.has(id)) throw wrong(`${variable} has two keys with the id ${id}`)
    keys.set(id, createSecretKey(bytes))
  }
  return keys
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    throw wrong(`The file of REFIT_ENCRYPTION_KEYS_FILE can't be read (${code})`, error)
  }
}

const wrong = (what: string, cause?: unknown): RefitError =>
  new RefitError('CONFIG_INVALID', `${what}.`, 'openssl rand -base64 32 makes a key; docs/encryption.md says more.', {
    cause,
  })
