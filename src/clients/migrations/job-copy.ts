import type { SchemaItem } from '../../domain/migrations/schema-items'
import { databaseError } from '../../store/guard'
import { loginFor } from './copy-login'
import { isMysql } from '../database-url'
import { mysqlFingerprintOf, mysqlLoginFor, mysqlVersion, openMysqlScratch } from './mysql-scratch'
import { relations } from './relations'
import { schemaFingerprint } from './schema-fingerprint'
import { openScratch, withDatabase } from './scratch'

/** A copy that somebody else's code may have. */
export interface Copy {
  /** with a login that can do nothing else on its server */
  url: string
  look(): Promise<CopyLook>
  /** drops it, its login and all its sessions */
  remove(): Promise<void>
}

export interface CopyLook {
  items: SchemaItem[]
  sha256: string
  /** each table with its file, where the server tells */
  files: [string, string | null][]
}

/** A copy of a database on a throw-away server. Throws DATABASE_UNAVAILABLE, USAGE. */
export async function openCopy(url: string): Promise<Copy> {
  if (isMysql(url)) return openMysqlCopy(url)
  const scratch = await openScratch({ url, useExisting: true })
  const { origin } = scratch
  let dropLogin = (): Promise<void> => Promise.resolve()
  const remove = async (): Promise<void> => {
    await scratch.remove()
    await dropLogin()
  }
  try {
    const login = await loginFor(origin)
    dropLogin = login.remove
    return { url: login.url, look: () => withDatabase(login.url, lookAt), remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** A table's file tells nothing there: a server may do a change in place and still write every row. */
async function openMysqlCopy(url: string): Promise<Copy> {
  const scratch = await openMysqlScratch({ url, useExisting: true })
  const { origin } = scratch
  let dropLogin = (): Promise<void> => Promise.resolve()
  const remove = async (): Promise<void> => {
    await dropLogin()
    await scratch.remove()
  }
  try {
    const login = await mysqlLoginFor(origin)
    dropLogin = login.remove
    const look = async (): Promise<CopyLook> => ({ ...(await mysqlFingerprintOf(origin)), files: [] })
    return { url: login.url, look, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function lookAt(client: Parameters<typeof schemaFingerprint>[0]): Promise<CopyLook> {
  const { items, sha256 } = await schemaFingerprint(client)
  const tables = (await relations(client)).filter(({ kind }) => kind === 'r' || kind === 'm')
  return { items, sha256, files: tables.map(({ name, file }) => [name, file]) }
}

/** The schema that copies of this database begin with, and the server's version. */
export async function copyFingerprint(url: string): Promise<{ version: string; sha256: string }> {
  if (isMysql(url)) {
    const { sha256 } = await mysqlFingerprintOf(url)
    return { version: await mysqlVersion(url), sha256 }
  }
  try {
    return await withDatabase(url, async (client) => {
      const { rows } = await client.query<{ version: string }>('show server_version')
      return { version: rows[0]?.version ?? '', sha256: (await schemaFingerprint(client)).sha256 }
    })
  } catch (error) {
    throw databaseError(error, 'the address of rehearse.copy')
  }
}
