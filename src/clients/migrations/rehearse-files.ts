import { join } from 'node:path'
import { RefitError } from '../../domain/errors'
import type { FileTrace } from '../../domain/migrations/judge-file'
import type { RehearsalFile } from '../../domain/migrations/rehearsal-files'
import { type SchemaChange, schemaChange, type SchemaItem } from '../../domain/migrations/schema-items'
import type { ChildRun } from './knex-child'
import { runKnexFile } from './knex-child'
import { runSqlFile } from './run-sql-file'
import { schemaFingerprint, type SchemaFingerprint } from './schema-fingerprint'
import { openScratch, type CopyOptions, type Scratch, withDatabase } from './scratch'
import { openReplay } from './trace-replay'
import { tapDatabase, type TappedStatement } from './wire-tap'

export interface FileToRehearse extends RehearsalFile {
  /** of a SQL file */
  sql?: string
}

export interface RehearseOptions extends CopyOptions {
  directory: string
  files: FileToRehearse[]
  /** run before all copies are made, and not looked at: what the database has, and the copy has not */
  first?: FileToRehearse[]
  /** for each run of a file */
  deadlineMs: number
  say: (text: string) => void
  signal?: AbortSignal
}

export interface RehearsedFile extends FileTrace {
  path: string
  /** whether the file is one transaction; undefined when it could not be loaded */
  transaction?: boolean
  /** the objects that were there before its phase */
  before: SchemaItem[]
  /** the schema around the file itself */
  around: { before: SchemaFingerprint; after: SchemaFingerprint }
}

export interface Rehearsed {
  version: string
  /** up to the first that failed */
  files: RehearsedFile[]
  schema: { before: string; after: string; change: SchemaChange }
  /** whether the replay came to the same schema as the run */
  isFaithful: boolean
}

/**
 * Runs migrations for real on a copy, replays what they sent on a second one and looks after each statement; then, phase
 * by phase, runs each file a second time on a third copy, and the downs of expand on a fourth. All copies are dropped.
 */
export async function rehearseFiles(options: RehearseOptions): Promise<Rehearsed> {
  options.say('making the copies')
  const scratch = await openScratch(options)
  try {
    return await onCopies(scratch, options)
  } catch (error) {
    if (!options.signal?.aborted) throw error
    throw new RefitError('WAIT_EXPIRED', 'The rehearsal was interrupted.', 'Its copies are dropped. Run it again.')
  } finally {
    await scratch.remove()
  }
}

async function onCopies(scratch: Scratch, options: RehearseOptions): Promise<Rehearsed> {
  const real = scratch.origin
  for (const file of options.first ?? []) {
    const { failure } = await runOnce(real, file, 'up', options)
    if (failure !== undefined)
      throw new RefitError('USAGE', `${file.path} fails on the copy: ${failure}.`, 'Restore the copy anew.')
  }
  const second = await scratch.copy(real)
  const replay = await openReplay(second, options.deadlineMs, options.signal)
  const first = await fingerprintOf(real)
  const files: RehearsedFile[] = []
  const groups = byPhase(options.files)
  let isBroken = false
  let isFaithful = true
  let last = first
  for (const group of groups) {
    await replay.nextPhase()
    const starts: SchemaFingerprint[] = []
    const done: RehearsedFile[] = []
    for (const file of group) {
      options.say(`running ${file.path}`)
      const start = last
      starts.push(start)
      const { statements, failure, transaction } = await runOnce(real, file, 'up', options)
      last = await fingerprintOf(real)
      options.say(`replaying ${file.path}`)
      const before = starts[0]?.items ?? []
      const around = { before: start, after: last }
      done.push({ path: file.path, before, around, transaction, failure, statements: await replay.file(statements) })
      isBroken = failure !== undefined
      if (isBroken) break
    }
    files.push(...done)
    if (isBroken) break
    isFaithful = last.sha256 === (await fingerprintOf(second)).sha256
    // Making a copy takes a second: when no more is run on these two, they are used up.
    const isLast = group === groups.at(-1)
    await again(isLast && isFaithful ? second : await scratch.copy(real), group, done, options)
    if (group[0]?.phase === undefined || group[0].phase === 'expand')
      await down(isLast ? real : await scratch.copy(real), group, done, starts, options)
  }
  return {
    version: scratch.version,
    files,
    schema: { before: first.sha256, after: last.sha256, change: schemaChange(first.items, last.items) },
    isFaithful,
  }
}

/** Each file a second time, in order: a file that is repeatable changes nothing then. */
async function again(
  url: string,
  group: FileToRehearse[],
  done: RehearsedFile[],
  options: RehearseOptions,
): Promise<void> {
  for (const [index, file] of group.entries()) {
    options.say(`running ${file.path} a second time`)
    const before = (await fingerprintOf(url)).sha256
    const { failure } = await runOnce(url, file, 'up', options)
    const after = (await fingerprintOf(url)).sha256
    const result = done[index]
    if (result) result.again = failure !== undefined ? 'fails' : before === after ? 'same' : 'changes'
  }
}

/** From the last file to the first; after one that fails nothing earlier can be judged. */
async function down(
  url: string,
  group: FileToRehearse[],
  done: RehearsedFile[],
  starts: SchemaFingerprint[],
  options: RehearseOptions,
): Promise<void> {
  for (const [index, file] of [...group.entries()].reverse()) {
    const result = done[index]
    if (!result || file.kind !== 'knex') return
    options.say(`undoing ${file.path}`)
    const { failure, isMissing } = await runOnce(url, file, 'down', options)
    if (isMissing) result.down = 'none'
    else if (failure !== undefined) result.down = 'fails'
    else result.down = (await fingerprintOf(url)).sha256 === starts[index]?.sha256 ? 'restores' : 'differs'
    if (result.down !== 'restores') return
  }
}

interface Once {
  statements: TappedStatement[]
  transaction?: boolean
  failure?: string
  isMissing?: boolean
}

/** knex sends it on every new connection. */
const knexGreeting = 'select version();'

/** Runs one file on a copy, and tells what it sent. */
export async function runOnce(
  url: string,
  file: FileToRehearse,
  direction: ChildRun['direction'],
  options: Pick<RehearseOptions, 'directory' | 'deadlineMs' | 'signal'>,
): Promise<Once> {
  const { directory, deadlineMs, signal } = options
  signal?.throwIfAborted()
  if (file.kind === 'sql') return runSqlFile(url, file.sql ?? '', options)
  const tap = await tapDatabase(url)
  try {
    const child = { directory, file: join(directory, file.path), direction, url: tap.url, deadlineMs, signal }
    const result = await runKnexFile(child)
    const missing = direction === 'up' && result.isMissing ? 'it exports no function up' : undefined
    return {
      statements: tap.statements.filter(({ sql }) => sql !== knexGreeting),
      ...result,
      failure: result.failure ?? missing,
    }
  } finally {
    await tap.close()
  }
}

const fingerprintOf = (url: string): Promise<SchemaFingerprint> => withDatabase(url, schemaFingerprint)

function byPhase(files: FileToRehearse[]): FileToRehearse[][] {
  const groups: FileToRehearse[][] = []
  for (const file of files) {
    const last = groups.at(-1)
    if (last && last[0]?.phase === file.phase) last.push(file)
    else groups.push([file])
  }
  return groups
}
