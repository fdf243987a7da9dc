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
    name: 'migrations backfill',
    summary: 'run a declared backfill in small batches until its proof finds nothing, or go on with one',
    details:
      'Ctrl-C stops after the batch that runs; the same command goes on behind it. A killed one loses nothing and changes nothing twice. One run per table: another waits. Exit 0: the proof found nothing; 1: stopped or failed; 3: refused.',
    args: [
      ['<file>', 'a YAML file with `backfill: { table, key, set, where }`; docs/migrations-backfill.md has all of it'],
    ],
    options: [
      {
        flags: '--database <variable>',
        description: "the environment variable with the database's URL",
        parse: sentence,
        required: true,
      },
      { flags: '--dry-run', description: 'check everything and show the first batch; writes nothing' },
      { flags: '--status', description: 'how far it is; writes nothing' },
      { flags: '--target <duration>', description: 'how long a batch should take, by default 50ms', parse: duration },
    ],
    care: 'ask',
    examples: [
      'refit migrations backfill quote-id.yaml --database LEDGER_DATABASE_URL --dry-run',
      'refit migrations backfill quote-id.yaml --database LEDGER_DATABASE_URL',
      'refit migrations backfill quote-id.yaml --database LEDGER_DATABASE_URL --status -o json',
    ],
    load: () => loadCommand.migrationsBackfill().run,
  },
  {
    name: 'migrations status',
    summary:
      "what an image's migrations change, what a database has applied, and what knex would refuse, there and back",
    details:
      'Reads the files from the layers in the registry; the image is not run, and nothing is written. Needs no cluster, store or Temporal. Exit 3 when knex would refuse, or when there would be no way back.',
    args: [['<image>', 'the new image, with its registry and tag or digest']],
    options: [
      { flags: '--from <image>', description: 'the running image: shows the difference, and whether it starts again' },
      {
        flags: '--between <image...>',
        description: 'releases between the two, oldest first: which must be gone through',
      },
      {
        flags: '--path <folder>',
        description: 'the folder of the migrations in the images; by default it is looked for',
      },
      {
        flags: '--database <variable>',
        description: "the environment variable with the service's database: postgres://… or mysql://…; read only",
        parse: sentence,
      },
      { flags: '--table <name>', description: "knex's table there, where several could be it", parse: sentence },
      { flags: '--init-container <name>', description: 'this init container migrates', parse: sentence },
      { flags: '--start-up', description: 'the application migrates when it starts' },
      {
        flags: '--switch <name=value>',
        description: 'the documented setting that keeps it from that',
        parse: sentence,
      },
      { flags: '--not-at-start', description: 'nothing migrates when a pod starts' },
    ],
    examples: [
      'refit migrations status registry.example.org/hub/ledger:v1.1.0',
      'refit migrations status registry.example.org/hub/ledger:v1.1.0 --from registry.example.org/hub/ledger:v1.0.1 --database LEDGER_DATABASE_URL --init-container run-migration',
    ],
    load: () => loadCommand.migrationsStatus().run,
  },
  {
    name: 'migrations rehearse',
    summary: 'run pending migrations for real on copies on a throw-away server, and judge what they did there',
    details:
      'Shows per statement the locks taken, tables rewritten, indexes built anew and tables read under a lock; then what breaks old code, what can not be undone, and what fails. Never give it production: --copy makes and drops databases, of PostgreSQL, MySQL or MariaDB. It also has -o sarif and -o junit. Exit 0: go; 6: needs a window or an override; 3: refused.',
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
    outputs: ['sarif', 'junit'],
    examples: [
      'refit migrations rehearse migrations/ledger --copy postgres://postgres:secret@127.0.0.1:5433/postgres --schema schema.sql',
      'refit migrations rehearse migrations/ledger --use-existing --sizes transfer=2000000 -o json',
    ],
    load: () => loadCommand.migrations().rehearse,
  },
]
