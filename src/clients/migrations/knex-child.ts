import { spawn } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { RefitError } from '../../domain/errors'
import { randomBytes } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { isMysql } from '../database-url'
import { maskSecrets } from '../../domain/secrets'
import { clean } from '../../domain/text'
import { tooLate } from './run-sql-file'

export interface ChildRun {
  /** the migration's file */
  file: string
  /** the directory that it may read */
  directory: string
  direction: 'up' | 'down'
  /** all that it gets of the world */
  url: string
  deadlineMs: number
  signal?: AbortSignal
}

export interface ChildResult {
  /** undefined when it ran to its end */
  failure?: string
  /** what its file says of itself; undefined when it could not be loaded */
  transaction?: boolean
  /** it has no function of that name */
  isMissing?: boolean
}

/**
 * What runs in the child. knex wraps a file into a transaction unless it says otherwise; the same is done here, without
 * knex's lists. It tells its end over a pipe of its own, so that neither prints nor process.exit look like one.
 */
const program = `
for (const each of ['kill', '_kill', '_debugProcess', '_debugEnd']) delete process[each]
let text = ''
process.stdin.on('data', (chunk) => (text += chunk)).on('end', async () => {
  const { knex: path, file, direction, url, client, word } = JSON.parse(text)
  const tell = (result) => require('fs').writeSync(3, JSON.stringify({ word, ...result }) + '\\n')
  const quiet = () => undefined
  try {
    const knex = require(path)({
      client, connection: url, pool: { min: 1, max: 1 }, compileSqlOnError: false,
      log: { warn: quiet, error: quiet, deprecate: quiet, debug: quiet },
    })
    const migration = require(file)
    const transaction = !(migration.config && migration.config.transaction === false)
    const run = migration[direction]
    if (typeof run !== 'function') tell({ transaction, isMissing: true })
    else {
      await (transaction ? knex.transaction((trx) => run(trx)) : run(knex))
      await knex.destroy()
      tell({ transaction, isDone: true })
    }
    process.exit(0)
  } catch (error) {
    tell({ failure: String((error && error.message) || error).slice(0, 5000) })
    process.exit(1)
  }
})
`

/**
 * Runs one knex file on a copy in a child process: an empty environment, the right to read its directory and Node
 * packages and nothing else (no other file, no process, no thread), bounded memory, and a deadline. Never throws for what
 * the file does.
 */
export async function runKnexFile({
  file,
  directory,
  direction,
  url,
  deadlineMs,
  signal,
}: ChildRun): Promise<ChildResult> {
  const knex = require.resolve('knex')
  const word = randomBytes(12).toString('hex')
  const child = spawn(process.execPath, [...sandboxed(directory, dirname(knex)), '-e', program], {
    ...{ env: {}, cwd: directory, detached: true },
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let errors = ''
  child.stdio[3]?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-100_000)))
  child.stderr?.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-4_000)))
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(JSON.stringify({ knex, file: realpathSync(file), direction, word, ...targetOf(url) }))
  let isLate = false
  const stop = (): void => void child.kill('SIGKILL')
  const timer = setTimeout(() => {
    isLate = true
    stop()
  }, deadlineMs)
  signal?.addEventListener('abort', stop, { once: true })
  const ended = await new Promise<string>((done) => {
    child.once('error', (error) => done(`could not be started: ${error.message}`))
    child.once('close', (code, by) => done(by ? `was stopped by ${by}` : `ended with exit code ${code}`))
  })
  clearTimeout(timer)
  signal?.removeEventListener('abort', stop)
  signal?.throwIfAborted()
  if (isLate) return { failure: tooLate(deadlineMs) }
  return resultOf(said, word) ?? { failure: `its process ${ended} before the migration had ended${hint(errors)}` }
}

/** knex knows MySQL's and MariaDB's addresses by one name. */
const targetOf = (url: string): { url: string; client: string } =>
  isMysql(url) ? { url: url.replace(/^mariadb:/i, 'mysql:'), client: 'mysql2' } : { url, client: 'pg' }

/** Node's arguments for a process that may read these folders and the packages around them, and nothing else. */
export function sandboxed(directory: string, packages: string): string[] {
  const root = realpathSync(directory)
  const readable = outermost([root, ...packagesAbove(root), ...packagesAbove(packages)])
  refuseLinksOut(root, readable)
  return [
    permissionFlag(),
    ...readable.map((each) => `--allow-fs-read=${each}/*`),
    ...['--no-warnings', '--max-old-space-size=512'],
  ]
}

interface Told extends ChildResult {
  word?: string
}

function resultOf(said: string, word: string): ChildResult | undefined {
  for (const line of said.split('\n').reverse()) {
    if (!line.includes(word)) continue
    const { failure, transaction, isMissing } = JSON.parse(line) as Told
    return { failure: failure === undefined ? undefined : clean(maskSecrets(failure), 2_000), transaction, isMissing }
  }
  return undefined
}

const hint = (errors: string): string => (errors === '' ? '' : `: ${clean(maskSecrets(errors), 500)}`)

/** Node 22 and later know the flag by its final name. */
const permissionFlag = (): string =>
  Number(process.versions.node.split('.')[0]) >= 23 ? '--permission' : '--experimental-permission'

/** Each path once, and none below another: Node 20 aborts over such lists. */
const outermost = (paths: string[]): string[] =>
  [...new Set(paths)].filter((path) => !paths.some((other) => path !== other && path.startsWith(`${other}/`)))

/** Where Node would look for packages. */
function packagesAbove(directory: string): string[] {
  const folder = join(directory, 'node_modules')
  const here = existsSync(folder) ? [realpathSync(folder)] : []
  const parent = resolve(directory, '..')
  return parent === directory ? here : [...here, ...packagesAbove(parent)]
}

/** Node follows a link to wherever it leads. */
function refuseLinksOut(folder: string, readable: readonly string[]): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) refuseLinksOut(path, readable)
    if (!entry.isSymbolicLink()) continue
    const to = existsSync(path) ? realpathSync(path) : ''
    if (!readable.some((each) => to === each || to.startsWith(`${each}/`)))
      throw new RefitError(
        'CONFIG_INVALID',
        `${path} is a link that leads out of its directory.`,
        'Put the file itself there.',
      )
  }
}
