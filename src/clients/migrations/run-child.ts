import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { maskSecrets } from '../../domain/secrets'
import { clean } from '../../domain/text'
import { sandboxed } from './knex-child'
import type { Answer, RunSession } from './run-session'

export interface LoadedFile {
  /** what the file says of itself; knex's default is true */
  transaction: boolean
  /** it can be run again from wherever it stopped */
  isRepeatable: boolean
}

export interface MigrationChild {
  /** rejects when the file can't be loaded or has no function up */
  loaded: Promise<LoadedFile>
  /** runs its function up; every statement goes through `execute`. Rejects with what it threw, or how its process ended */
  run(execute: (sql: string, values: readonly unknown[]) => Promise<Answer>): Promise<void>
  /** ends the process, if it has not ended, and waits for it */
  stop(): Promise<void>
}

const loadMs = 60_000

/** The file failed, and not the database's connection. */
export class FileFailure extends Error {}

/**
 * What runs in the child: the file, and knex over a client that has no connection. Its statements are sent by the parent, on
 * the connection that holds the lease. Nothing of the parent's world is in here, so it is no module of Refit's.
 */
const program = `
for (const each of ['kill', '_kill', '_debugProcess', '_debugEnd']) delete process[each]
const { dirname, join } = require('path')
process.once('disconnect', () => process.exit(1))
process.once('message', async ({ knex: path, file, dialect, version, word }) => {
  const quiet = () => undefined
  const tell = (message) => new Promise((done) => process.send({ word, ...message }, done))
  const waiting = new Map()
  let last = 0
  const ask = (sql, values) => new Promise((resolve, reject) => {
    waiting.set((last += 1), { resolve, reject })
    try { process.send({ word, id: last, sql, values }) } catch (error) { waiting.delete(last); reject(error) }
  })
  const go = new Promise((resolve) => process.on('message', ({ id, answer, error, go }) => {
    if (go) return resolve()
    const asked = waiting.get(id)
    waiting.delete(id)
    if (!asked) return
    if (error) asked.reject(Object.assign(new Error(error.message), error))
    else asked.resolve(answer)
  }))
  try {
    const Client = require(join(dirname(require.resolve(path)), 'lib', 'dialects', dialect))
    class Relayed extends Client {
      _driver() { return {} }
      acquireRawConnection() { return Promise.resolve({ removeAllListeners: quiet }) }
      destroyRawConnection() { return Promise.resolve() }
      validateConnection() { return true }
      async _query(connection, obj) {
        const query = typeof obj === 'string' ? { sql: obj } : obj
        if (!query.sql) throw new Error('The query is empty')
        query.response = await ask(query.sql, query.bindings || [])
        return query
      }
      _stream(connection, obj, stream) {
        const error = new Error('a migration that Refit runs has no streams: read in portions')
        stream.emit('error', error)
        return Promise.reject(error)
      }
    }
    const knex = require(path)({
      client: Relayed, connection: {}, version, pool: { min: 0, max: 1 }, compileSqlOnError: false,
      log: { warn: quiet, error: quiet, deprecate: quiet, debug: quiet },
    })
    const migration = require(file)
    const config = migration.config || {}
    if (typeof migration.up !== 'function') throw new Error('it exports no function up')
    const transaction = config.transaction !== false
    await tell({ loaded: { transaction, isRepeatable: config.repeatable === true } })
    await go
    await (transaction ? knex.transaction((trx) => migration.up(trx)) : migration.up(knex))
    await tell({ done: true })
    process.exit(0)
  } catch (error) {
    const { code, errno } = error || {}
    await tell({ failure: { message: String((error && error.message) || error).slice(0, 5000), code, errno } })
    process.exit(1)
  }
})
`

interface Told {
  word?: string
  id?: number
  sql?: string
  values?: unknown[]
  loaded?: LoadedFile
  done?: boolean
  failure?: { message: string; code?: unknown; errno?: unknown }
}

/**
 * Loads one knex file in a child process, as its rehearsal did: an empty environment, the right to read its directory and
 * Node packages and nothing else, bounded memory. It has no connection of its own, so ending it leaves none behind.
 */
export function startFile(directory: string, path: string, session: RunSession, signal?: AbortSignal): MigrationChild {
  const knex = require.resolve('knex')
  const word = randomBytes(12).toString('hex')
  const child = spawn(process.execPath, [...sandboxed(directory, dirname(knex)), '-e', program], {
    ...{ env: {}, cwd: directory, detached: true, serialization: 'advanced' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-4_000)))
  const ended = endOf(child)
  // One that does nothing but count would otherwise never hear of it.
  const kill = (): void => void child.kill('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })
  const toLoad = setTimeout(kill, loadMs)
  void ended.then(() => {
    clearTimeout(toLoad)
    signal?.removeEventListener('abort', kill)
  })
  const early = ended.then((how) => {
    throw new FileFailure(
      `its process ${how} before the migration had ended${errors === '' ? '' : `: ${clean(maskSecrets(errors), 500)}`}`,
    )
  })
  early.catch(() => undefined)
  const next = (wanted: keyof Told): Promise<Told> =>
    Promise.race([
      new Promise<Told>((resolve, reject) => {
        child.on('message', (told: Told) => {
          if (told.word !== word) return
          if (told.failure) reject(failureOf(told.failure))
          else if (told[wanted] !== undefined) resolve(told)
        })
      }),
      early,
    ])
  const send = (message: object): void => void (child.connected && child.send(message, () => undefined))
  send({
    ...{ knex, file: realpathSync(join(directory, path)), word, version: session.version },
    dialect: session.engine === 'postgresql' ? 'postgres' : 'mysql2',
  })
  return {
    loaded: next('loaded').then(({ loaded }) => {
      clearTimeout(toLoad)
      return loaded as LoadedFile
    }),
    async run(execute) {
      const done = next('done')
      const sent: Promise<void>[] = []
      child.on('message', ({ word: said, id, sql, values }: Told) => {
        if (said !== word || id === undefined || sql === undefined) return
        const answer = execute(sql, values ?? []).then(
          ({ forKnex }) => send({ id, answer: forKnex }),
          (error: unknown) => send({ id, error: plainError(error) }),
        )
        sent.push(answer)
      })
      send({ go: true })
      try {
        await done
      } finally {
        // What it has sent goes on without it.
        await stop(child, ended)
        await Promise.all(sent)
      }
    },
    stop: () => stop(child, ended),
  }
}

/** How it ended, after all that it has said was read. */
async function endOf(child: ChildProcess): Promise<string> {
  const read = new Promise<void>((resolve) => child.once('disconnect', resolve))
  const [how, isStarted] = await new Promise<[string, boolean]>((done) => {
    child.once('error', (error) => done([`could not be started: ${error.message}`, false]))
    child.once('close', (code, by) => done([by ? `was stopped by ${by}` : `ended with exit code ${code}`, true]))
  })
  if (isStarted) await read
  return how
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGKILL')
  await ended
}

/** A file may say anything, also the password that it holds. */
const failureOf = ({ message, code, errno }: { message: string; code?: unknown; errno?: unknown }): Error =>
  Object.assign(new FileFailure(clean(maskSecrets(message), 2_000)), { code, errno })

/** What a migration may look at in a database's error. */
function plainError(error: unknown): object {
  const { message, code, errno, sqlState, constraint, table, column, schema } = error as Record<string, unknown>
  return { message: String(message ?? error), code, errno, sqlState, constraint, table, column, schema }
}
