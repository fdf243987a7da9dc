import { existsSync, readFileSync } from 'node:fs'
import { RefitError } from '../../domain/errors'
import type { Answer } from '../../domain/migrations/answer'
import { parseSizes } from '../../domain/migrations/size-band'
import { isMysql } from '../../clients/database-url'
import { rehearse } from '../../clients/migrations/rehearse'
import { rehearseMysql } from '../../clients/migrations/rehearse-mysql'
import type { Command, Context } from '../context'
import { exitCodes, type ExitCode } from '../exit-codes'
import { rehearsalJunit, rehearsalSarif } from '../rehearsal-report'
import { rehearsalLines } from './migrations-rehearse-lines'

interface Options {
  copy?: string
  schema?: string
  useExisting?: boolean
  sizes?: string[]
  list: string
  deadline: number
}

const exitCodeByAnswer: Record<Answer, ExitCode> = {
  go: exitCodes.ok,
  'needs-window': exitCodes.needsPerson,
  'needs-override': exitCodes.needsPerson,
  refused: exitCodes.refused,
}

/** Rehearses a directory's migrations on copies, and tells what they did. */
export const run: Command<Options> = async (context, [directory = ''], options) => {
  const { schema, useExisting, list, deadline } = options
  if (schema !== undefined && useExisting)
    throw new RefitError('USAGE', '--schema and --use-existing exclude each other.', 'Name one of them.')
  const url = copyUrl(context, options)
  const sizes = new Map((options.sizes ?? []).flatMap((each) => [...parseSizes(sizeText(each))]))
  const rehearsal = await context.waitFor('the rehearsal', (say) =>
    (isMysql(url) ? rehearseMysql : rehearse)({
      url,
      directory,
      schema: schema === undefined ? undefined : read(schema, '--schema'),
      useExisting,
      sizes,
      list,
      deadlineMs: deadline,
      signal: context.io.interrupted(),
      say,
    }),
  )
  if (context.output === 'sarif') context.io.out(`${JSON.stringify(rehearsalSarif(directory, rehearsal), null, 2)}\n`)
  else if (context.output === 'junit') context.io.out(`${rehearsalJunit(rehearsal)}\n`)
  else context.print(rehearsal, () => rehearsalLines(context, rehearsal))
  return exitCodeByAnswer[rehearsal.answer]
}

function copyUrl({ env }: Context, { copy = env.REFIT_COPY_URL?.trim() }: Options): string {
  if (!copy)
    throw new RefitError(
      'USAGE',
      'There is no server to rehearse on.',
      'Give --copy or $REFIT_COPY_URL: a superuser on a throw-away server of the same major version, never production.',
    )
  // The text may hold a password: it is never said.
  const isUrl = URL.canParse(copy) && /^(postgres(ql)?|mysql|mariadb):$/.test(new URL(copy).protocol)
  if (!isUrl || /[?&]sslmode=(require|verify)/.test(copy))
    throw new RefitError(
      'USAGE',
      isUrl ? '--copy asks for TLS.' : '--copy is no URL of PostgreSQL, MySQL or MariaDB.',
      'Write postgres://user:password@host:port/database, without TLS: the copy is best on this machine.',
    )
  return copy
}

const sizeText = (given: string): string => (existsSync(given) ? read(given, '--sizes') : given)

function read(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new RefitError('USAGE', `The file ${file} of ${option} can't be read.`, 'Check the path.')
  }
}
