import { ownTablesAt } from '../clients/own-tables'
import { isMysql, urlIn } from '../clients/database-url'
import { searchAttributes } from '../clients/temporal'
import type { Config } from '../config'
import { namespaceFlag } from '../domain/temporal-names'

/** Something of Refit that an uninstall leaves where it is. */
export interface Remaining {
  kind: 'store' | 'service-database' | 'temporal' | 'cluster' | 'elsewhere'
  what: string
  /** how it is removed, by hand; null where that is for its owner to say */
  remove: string | null
}

interface Surroundings {
  config: Pick<Config, 'policies' | 'webhooks' | 'hubs'>
  environment: Readonly<Record<string, string | undefined>>
  /** `host:port/database` */
  store: string
  temporalNamespace: string
}

/** What remains, and how each is removed; service databases are looked into where their variable is set. */
export async function remainsOf(surroundings: Surroundings): Promise<Remaining[]> {
  const { config, store, temporalNamespace } = surroundings
  const flag = namespaceFlag(temporalNamespace)
  return [
    {
      kind: 'store',
      what: `the store ${store}: plans, approvals, snapshots, quarantine, and the record of who did what`,
      remove: 'drop its database, once nobody asks for the record any more',
    },
    ...(await Promise.all(databasesIn(config).map((name) => inDatabase(name, surroundings.environment)))).flat(),
    {
      kind: 'temporal',
      what: `histories of ended workflows, until the retention of namespace ${temporalNamespace} is over`,
      remove: null,
    },
    {
      kind: 'temporal',
      what: `search attributes ${searchAttributes.join(', ')}`,
      remove: `temporal operator search-attribute remove${flag}${searchAttributes.map((name) => ` --name ${name}`).join('')}`,
    },
    {
      kind: 'cluster',
      what: 'worker and server with their accounts and roles',
      remove: 'helm uninstall RELEASE, or kubectl delete -k deploy/manifest',
    },
    {
      kind: 'cluster',
      what: 'the Secret with DATABASE_URL, and a ConfigMap of your own: the chart did not make them',
      remove: 'kubectl -n NAMESPACE delete secret refit',
    },
    {
      kind: 'cluster',
      what: 'migration and health-check Jobs that have not expired yet',
      remove: 'kubectl delete jobs -A -l refit.dev/upgrade',
    },
    {
      kind: 'cluster',
      what: 'images as Refit set them: workloads go on as they are',
      remove: null,
    },
    ...elsewhere(config),
  ]
}

/** Variables with the addresses of service databases in which Refit migrates, once each. */
const databasesIn = ({ policies }: Pick<Config, 'policies'>): string[] => [
  ...new Set(
    policies.flatMap(({ migrations }) => migrations.flatMap((each) => (each.kind === 'knex' ? [each.database] : []))),
  ),
]

async function inDatabase(name: string, environment: Surroundings['environment']): Promise<Remaining[]> {
  const url = urlIn(environment, name)
  const remove = url && isMysql(url) ? 'drop these tables' : 'drop schema refit cascade'
  const unread = (why: string): Remaining[] => [
    {
      kind: 'service-database',
      what: `in the database of ${name}, which was not looked into (${why}): tables of leases, backfills and migration attempts, if Refit ever migrated there`,
      remove,
    },
  ]
  if (url === undefined) return unread('the variable is not set here')
  try {
    const tables = await ownTablesAt(url)
    if (tables.length === 0) return []
    return [{ kind: 'service-database', what: `in the database of ${name}: ${tables.join(', ')}`, remove }]
  } catch {
    // What the driver says may name the server.
    return unread('it did not answer')
  }
}

const elsewhere = ({ policies, webhooks, hubs }: Surroundings['config']): Remaining[] => [
  ...(webhooks.length > 0
    ? [{ kind: 'elsewhere' as const, what: 'webhooks in the registries, which nobody answers any more', remove: null }]
    : []),
  ...(hubs.length > 0
    ? [
        {
          kind: 'elsewhere' as const,
          what: "tokens that other hubs' Refit gave this one",
          remove: 'refit token revoke ID, there',
        },
      ]
    : []),
  ...(policies.some(({ gitops }) => gitops)
    ? [{ kind: 'elsewhere' as const, what: 'the token of the Git repository', remove: null }]
    : []),
]
