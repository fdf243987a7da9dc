import { clusterRules } from '../../domain/permissions'
import { taskQueue } from '../../domain/temporal-names'
import type { Config } from '../../config'
import { databasesFor, type DatabaseGrants } from './database'
import { type Egress, egressFor } from './egress'
import { type Accounts, type Grant, grantsFor, manifestsOf } from './manifests'

export type { Accounts }

/** What `refit permissions -o json` prints: all that a platform team is asked for. */
export interface Permissions {
  hub: { name: string; environment: string }
  kubernetes: {
    namespace: string
    /** service accounts */
    worker: string
    server: string
    grants: Grant[]
    /** cluster-wide, each of which may be left out */
    optional: { resources: string[]; verbs: string[]; use: string; without: string }[]
    manifests: object[]
    /** what refit.yaml doesn't tell */
    open: string[]
  }
  databases: DatabaseGrants[]
  registries: RegistryRights[]
  egress: Egress[]
  temporal: {
    address: string
    namespace: string
    taskQueue: string
    worker: string[]
    server: string[]
    once: string[]
  }
}

interface RegistryRights {
  host: string
  /** whose credentials */
  as: string
  rights: string
}

type Env = Readonly<Record<string, string | undefined>>

/** From refit.yaml and the environment alone; nothing is asked of anything. */
export function permissionsFor(
  config: Config,
  {
    env,
    temporal,
    searchAttributes,
    ...accounts
  }: Accounts & {
    env: Env
    temporal: { address: string; namespace: string }
    searchAttributes: readonly string[]
  },
): Permissions {
  const grants = grantsFor(config, accounts)
  const { namespace, worker, server } = accounts
  return {
    hub: config.hub,
    kubernetes: {
      ...{ namespace, worker, server, grants },
      optional: clusterRules.map(({ resources, verbs, use, without = '' }) => ({
        ...{ resources: [...resources], verbs: [...verbs], use, without },
      })),
      manifests: manifestsOf(grants, accounts),
      open: unsaid(config, accounts),
    },
    databases: databasesFor(config, storeOf(env)),
    registries: config.registries.map(({ host, auth }) => ({
      ...{ host, as: auth?.kind ?? 'nobody', rights: 'pull (read tags, manifests and blobs); never push or delete' },
    })),
    egress: egressFor(config, env, temporal.address),
    temporal: { ...temporal, taskQueue, ...temporalRights(temporal.namespace, searchAttributes) },
  }
}

/** Names only, of DATABASE_URL; what stands there else is nobody's business. */
function storeOf({ DATABASE_URL = '' }: Env): { role: string; database: string } {
  if (!URL.canParse(DATABASE_URL)) return { role: 'refit', database: 'refit' }
  const { username, pathname } = new URL(DATABASE_URL)
  return { role: decodeURIComponent(username) || 'refit', database: decodeURIComponent(pathname.slice(1)) || 'refit' }
}

function unsaid({ registries }: Config, { pullSecrets }: Accounts): string[] {
  const unnamed = registries.filter(({ auth }) => auth?.kind === 'imagePullSecrets').map(({ host }) => host)
  return unnamed.length === 0 || pullSecrets.length > 0
    ? []
    : [
        `which Secrets the workloads name in imagePullSecrets, for ${unnamed.join(' and ')}: --pull-secret NAME adds get on them`,
      ]
}

/** By the access levels of Temporal's own authorizer; the worker's and the server's credentials may be the same. */
const temporalRights = (namespace: string, searchAttributes: readonly string[]) => ({
  worker: [
    `write in ${namespace}: polls ${taskQueue}; starts, signals, cancels, describes and lists workflows; creates, changes and removes Schedules`,
    'read of its search attributes',
  ],
  server: [
    `write in ${namespace}: starts, updates, signals, describes and lists workflows; triggers and pauses Schedules`,
  ],
  once: searchAttributes.map(
    (name) => `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type Keyword`,
  ),
})
