import type { Config } from '../../config'

/** A database, and what its role must be allowed. */
export interface DatabaseGrants {
  /** what it is to Refit */
  database: string
  /** the environment variable with its address */
  variable: string
  /** in words */
  needs: string[]
  /** what to run there; empty where it depends on the service */
  sql: string[]
}

const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)

/** The store, then the databases that policies name by their variables. `role` and `database` as in DATABASE_URL. */
export function databasesFor(
  { policies }: Pick<Config, 'policies'>,
  { role, database }: { role: string; database: string },
): DatabaseGrants[] {
  return [storeGrants(quoted(role), quoted(database)), ...serviceDatabases(policies), ...copies(policies)]
}

function storeGrants(role: string, database: string): DatabaseGrants {
  return {
    database: 'the store of Refit',
    variable: 'DATABASE_URL',
    needs: [
      'CONNECT, and USAGE and CREATE on schema public: a worker brings the tables to its version when it starts, and owns them',
      'neither superuser nor owner of the database; after the first start deploy/postgres/audit.sql leaves it SELECT and INSERT on audit',
    ],
    sql: storeSql(role, database),
  }
}

/** The role that workers and servers log in as; it makes its tables itself. */
export const storeSql = (role: string, database: string): string[] => [
  `create role ${role} login; -- then \\password ${role}`,
  `create database ${database};`,
  `revoke all on database ${database} from public;`,
  `grant connect, temporary on database ${database} to ${role};`,
  `-- connected to ${database}:`,
  `grant usage, create on schema public to ${role};`,
]

/**
 * Where another role runs the migrations of the store: what is left for the one of workers and servers. In the database,
 * after the other one has made the tables.
 */
export const runtimeSql = (role: string, owner: string): string[] => [
  `grant usage on schema public to ${role};`,
  `grant select, insert, update, delete on all tables in schema public to ${role};`,
  `revoke update, delete on audit from ${role};`,
  `alter default privileges for role ${owner} in schema public grant select, insert, update, delete on tables to ${role};`,
]

type Policies = Pick<Config, 'policies'>['policies']

/** One entry for each variable, whatever number of policies names it. */
function serviceDatabases(policies: Policies): DatabaseGrants[] {
  const found = new Map<string, Set<string>>()
  const add = (variable: string | undefined, need: string): void =>
    void (variable !== undefined && found.set(variable, (found.get(variable) ?? new Set()).add(need)))
  for (const { mode, migrations } of policies)
    for (const migration of mode === 'watch' ? [] : migrations)
      if (migration.kind === 'knex') {
        add(
          migration.database,
          'what its migrations do: usually owner of the tables that they change; with that it creates schema refit for leases and progress, so CREATE on the database, too',
        )
        add(migration.database, 'pg_monitor, to name who holds a lock that a migration waits for (optional)')
      } else add(migration.database, "SELECT on knex's table of applied migrations, and nothing else")
  return [...found].map(([variable, needs]) => ({
    ...{ database: 'of a service', variable, needs: [...needs] },
    sql: [...needs].some((need) => need.startsWith('pg_monitor')) ? [] : ['grant select on knex_migrations to ROLE;'],
  }))
}

function copies(policies: Policies): DatabaseGrants[] {
  const variables = policies.flatMap(({ mode, migrations }) =>
    mode === 'watch' ? [] : migrations.flatMap(({ rehearse }) => rehearse?.copy ?? []),
  )
  return [...new Set(variables)].map((variable) => ({
    database: 'a copy for rehearsals',
    variable,
    needs: [
      'superuser of a throw-away server, which has nothing else: databases and logins are made and dropped there',
    ],
    sql: [],
  }))
}
