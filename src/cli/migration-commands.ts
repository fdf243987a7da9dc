import { severities } from '../domain/migrations/lint/contracts'
import type { CommandSpec } from './command-spec'
import { loadCommand } from './lazy'
import { duration, majorVersion, sentence } from './parsers'

/** The commands about data migrations, with their help. */
export const migrationCommands: CommandSpec[] = [
  {
    name: 'migrations lint',
    summary: 'what in SQL migrations locks, breaks, fails or deletes, each with why and the safe way',
    details:
      'Reads PostgreSQL only, runs nothing and asks nothing. What it cannot know from files is marked: rehearse. It also has -o sarif and -o junit. Exit 0: nothing that counts, 1: findings, 2: what was given cannot be read. The rules: docs/migrations-lint.md.',
    args: [
      ['<path...>', 'SQL files, directories of them (with expand/, backfill/, contract/ or without), or - for stdin'],
    ],
    options: [
      {
        flags: '--schema <path>',
        description: 'what is there before: a schema-only dump, or the migrations already applied',
      },
      {
        flags: '--pg-version <major>',
        description: 'the server that they run on',
        parse: majorVersion,
        default: 18,
      },
      {
        flags: '--assume-in-transaction',
        description: 'the runner puts each file into a transaction, also one with a BEGIN',
      },
      { flags: '--no-transaction', description: 'the runner puts no file into a transaction' },
      {
        flags: '--fail-on <severity>',
        description: `exit 1 for this and worse, of ${severities.join(' > ')}`,
        choices: [...severities, 'never'],
        default: 'destructive',
      },
    ],
    outputs: ['sarif', 'junit'],
    examples: [
      'refit migrations lint migrations/ledger',
      'refit migrations lint --schema schema.sql -o sarif new.sql > lint.sarif',
      'git diff --name-only main -- migrations | xargs refit migrations lint --schema schema.sql',
    ],
    load: () => loadCommand.migrations().lint,
  },
  {
    name: 'migrations rehearse',
    summary: 'run pending migrations for real on copies of a throw-away PostgreSQL, and judge what they did there',
    details:
      'Shows per statement the locks taken, tables rewritten, indexes built anew and tables read under a lock; then what breaks old code, what can not be undone, and what fails. Never give it production: --copy makes and drops databases. Exit 0: go; 6: needs a window or an override; 3: refused.',
    args: [
      ['<directory>', 'knex files (.js, .cjs) or SQL files, beside each other or in expand/, backfill/, contract/'],
    ],
    options: [
      {
        flags: '--copy <url>',
        description: 'a superuser on a throw-away server, by default $REFIT_COPY_URL',
        parse: sentence,
      },
      { flags: '--schema <file>', description: 'SQL that builds the schema first, such as of pg_dump --schema-only' },
      { flags: '--use-existing', description: 'the database of --copy is a restored copy: rehearse on its tables' },
      { flags: '--sizes <size...>', description: 'rows in production: table=rows, or a file with one a line' },
      {
        flags: '--list <table>',
        description: 'the table of applied files, for --use-existing',
        parse: sentence,
        default: 'knex_migrations',
      },
      { flags: '--deadline <duration>', description: 'for each run of a file', parse: duration, default: 60_000 },
    ],
    examples: [
      'refit migrations rehearse migrations/ledger --copy postgres://postgres:secret@127.0.0.1:5433/postgres --schema schema.sql',
      'refit migrations rehearse migrations/ledger --use-existing --sizes transfer=2000000 -o json',
    ],
    load: () => loadCommand.migrations().rehearse,
  },
]
