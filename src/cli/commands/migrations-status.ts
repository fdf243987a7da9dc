import { RefitError } from '../../domain/errors'
import type { ImageMigrations, MigrationsStatus } from '../../domain/migrations/status'
import type { RunsMigrations, Switch } from '../../domain/migrations/rollback-answer'
import { migrationsStatus } from '../../operations/migrations-status'
import type { Command, Context } from '../context'
import { exitCodes } from '../exit-codes'
import { safe, type Cell, type Tone } from '../render'

interface Options {
  from?: string
  between?: string[]
  path?: string
  database?: string
  table?: string
  initContainer?: string
  startUp?: boolean
  switch?: string
  notAtStart?: boolean
}

/** Shows what a move to an image means for the data, before anybody approves it. */
export const run: Command<Options> = async (context, [image = ''], options) => {
  const { from, between, path, database, table } = options
  if (between && from === undefined)
    throw new RefitError('USAGE', '--between needs --from.', 'Name the running image, too.')
  const runs = runsOf(options)
  const status = await context.waitFor('the registry', () =>
    migrationsStatus(
      { registry: () => context.parts.registry(), environment: context.env },
      {
        image,
        ...(from === undefined ? {} : { from }),
        ...(between === undefined ? {} : { between }),
        ...(path === undefined ? {} : { path }),
        ...(database === undefined ? {} : { database }),
        ...(table === undefined ? {} : { table }),
        ...(runs === undefined ? {} : { runs }),
      },
    ),
  )
  context.print(status, () => lines(context, status))
  return status.findings.some(({ level }) => level === 'refused') ? exitCodes.refused : exitCodes.ok
}

function runsOf({ initContainer, startUp, notAtStart, switch: by }: Options): RunsMigrations | undefined {
  if (notAtStart && (initContainer !== undefined || startUp))
    throw new RefitError(
      'USAGE',
      '--not-at-start contradicts --init-container and --start-up.',
      'Say either who migrates when a pod starts, or that nothing does.',
    )
  if (by !== undefined && !startUp)
    throw new RefitError('USAGE', '--switch needs --start-up.', 'Say that the application migrates when it starts.')
  if (notAtStart) return { startUp: false }
  if (initContainer === undefined && !startUp) return undefined
  return {
    startUp: startUp ?? false,
    ...(initContainer === undefined ? {} : { initContainer }),
    ...(by === undefined ? {} : { switch: switchOf(by) }),
  }
}

function switchOf(text: string): Switch {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_.-]*)=(.+)$/s.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new RefitError('USAGE', '--switch is no NAME=VALUE.', 'Write it like LEDGER_MIGRATIONS_DISABLED=true.')
  return { name, value }
}

function lines(context: Context, status: MigrationsStatus): string[] {
  const { image, from, database, findings } = status
  return [
    ...placeOf(image),
    ...(from ? placeOf(from) : []),
    ...(database ? [databaseLine(database)] : []),
    ...tableOf(context, status),
    '',
    summary(status),
    ...findings.flatMap(({ level, says, next }) => [
      `${context.paint(tones[level], level)}: ${safe(says)}`,
      `  next: ${safe(next)}`,
    ]),
  ]
}

const tones: Record<string, Tone> = { refused: 'bad', warning: 'warn', note: 'dim' }

function placeOf({ image, folder, why, migrations }: ImageMigrations): string[] {
  const where =
    folder === null ? `no migrations found (${why})` : `${migrations.length} migrations in ${folder} (${why})`
  return [safe(`${image}: ${where}`)]
}

const databaseLine = ({ variable, engine, table, names, locked }: NonNullable<MigrationsStatus['database']>): string =>
  table === null
    ? `${variable} (${engine}): no list of knex's, so nothing was ever applied`
    : safe(`${variable} (${engine}): ${names.length} applied, in ${table}${locked ? ', which is locked' : ''}`)

/** Every file that is not the same everywhere; of a single image, its newest. */
function tableOf(context: Context, status: MigrationsStatus): string[] {
  const rows = rowsOf(status)
  if (rows.length === 0) return []
  const shown = rows.slice(-mostShown)
  return [
    '',
    context.table(['MIGRATION', 'CHANGE', 'STATE', 'CONTENT'], shown),
    ...(rows.length > shown.length
      ? [context.paint('dim', `${rows.length - shown.length} before these: -o json has all`)]
      : []),
  ]
}

const mostShown = 40
const newestShown = 10

function rowsOf({ image, from, difference, database, forwards }: MigrationsStatus): Cell[][] {
  const is = (names: readonly string[] | undefined, name: string): boolean => names?.includes(name) ?? false
  const contents = new Map(image.migrations.map(({ name, sha256 }) => [name, sha256?.slice(0, 12) ?? 'not readable']))
  const applied = new Set(database?.names)
  const pending = forwards?.kind === 'applies' ? forwards.pending : []
  const changeOf = (name: string): string => {
    if (is(difference?.outOfOrder, name)) return 'added, out of order'
    if (is(difference?.added, name)) return 'added'
    if (is(difference?.removed, name)) return 'removed'
    if (is(difference?.edited, name)) return 'edited'
    return is(difference?.unknown, name) ? 'not comparable' : ''
  }
  const stateOf = (name: string): Cell => {
    if (!contents.has(name) && applied.has(name)) return { text: 'applied, file missing', tone: 'bad' }
    if (applied.has(name)) return 'applied'
    return is(pending, name) || database ? 'pending' : ''
  }
  const names = new Set([...contents.keys(), ...(from?.migrations.map(({ name }) => name) ?? []), ...applied])
  const all = [...names].sort().map((name): Cell[] => [name, changeOf(name), stateOf(name), contents.get(name) ?? '-'])
  const isNews = ([, change, state]: Cell[]): boolean => change !== '' || (state !== 'applied' && state !== '')
  return from || database ? all.filter(isNews) : all.slice(-newestShown)
}

function summary({ forwards, basis, difference }: MigrationsStatus): string {
  const against = basis === 'database' ? 'on this database' : 'on a database that has all of the running image'
  const change = difference
    ? `${difference.added.length} added, ${difference.removed.length} removed, ${difference.edited.length} edited. `
    : ''
  if (!forwards) return `${change}Nothing to compare with: name --from or --database.`
  if (forwards.kind === 'refuses') return `${change}knex would refuse ${against}.`
  return forwards.pending.length === 0
    ? `${change}knex would have nothing to do ${against}.`
    : `${change}knex would apply ${forwards.pending.length} ${against}.`
}
