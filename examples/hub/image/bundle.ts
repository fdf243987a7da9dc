import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { builtRelease, migrationsIn, type Release } from '../releases'

const SERVICES_DIRECTORY = join(__dirname, '..', 'services')

// knex asks for every dialect's driver and pg for its native one; only pg itself is used.
const UNUSED_DRIVERS = [
  'better-sqlite3',
  'cloudflare:sockets',
  'mariadb',
  'mysql',
  'mysql2',
  'oracledb',
  'pg-native',
  'pg-query-stream',
  'sqlite3',
  'tedious',
]

/** Path below the image's /app → content. */
export type Files = Record<string, Buffer>

/** What a release puts into /app: one bundled program and, for the ledger, its migrations as plain files. */
export async function bundle(release: Release): Promise<Files> {
  const { outputFiles } = await build({
    absWorkingDir: join(__dirname, '..', '..', '..'),
    entryPoints: [join(SERVICES_DIRECTORY, release.service, 'main.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: UNUSED_DRIVERS,
    define: { __RELEASE__: JSON.stringify(builtRelease(release)) },
    logLevel: 'error',
  })
  const program = outputFiles[0]
  if (!program) throw new Error(`nothing was bundled for ${release.service}`)
  const files: Files = { [`${release.service}.js`]: Buffer.from(program.contents) }
  for (const name of migrationsIn(release)) {
    files[`migrations/${name}`] = await readFile(join(SERVICES_DIRECTORY, release.service, 'migrations', name))
  }
  return files
}
