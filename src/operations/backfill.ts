import { RefitError } from '../domain/errors'

export { lookAtBackfill, previewBackfill } from '../clients/backfill-look'
export { runBackfill } from '../clients/backfill-run'
export { readBackfill } from '../config/backfill-file'

/** The database's URL by the name of its variable, so that it never stands on a command line. */
export function databaseUrl(env: NodeJS.ProcessEnv, name: string): string {
  const url = env[name]?.trim()
  if (url && /^(postgres(ql)?|mysql|mariadb):\/\//.test(url)) return url
  throw new RefitError(
    'USAGE',
    url ? `$${name} is no URL of PostgreSQL, MariaDB or MySQL.` : `There is no environment variable ${name}.`,
    `Set ${name} to postgres:// or mysql://user:password@host:port/database.`,
  )
}
