import type { Knex } from 'knex'
import { auditIn } from './audit'
import { batchesIn } from './batches'
import { connect, placeOf } from './connection'
import type { Store } from './contracts'
import { dataIn } from './data'
import { decisionsIn } from './decisions'
import { diagnosesIn } from './diagnoses'
import { digestsIn } from './digests'
import { figuresIn } from './figures'
import { freezesIn } from './freezes'
import { lackingGrants } from './grants'
import { guard } from './guard'
import { happeningsIn } from './happenings'
import { healthSamplesIn } from './health-samples'
import { imageMigrationsIn } from './image-migrations'
import { imagesIn } from './images'
import { jobLogsIn } from './job-logs'
import { jobRehearsalsIn } from './job-rehearsals'
import { marksIn } from './marks'
import { migrateStore, pendingMigrations } from './migrate'
import { outboxIn } from './outbox'
import { plansIn } from './plans'
import { quarantineIn } from './quarantine'
import { registryHostsIn } from './registry-hosts'
import { rehearsalsIn } from './rehearsals'
import { releasesIn } from './releases'
import { repositoriesIn, repositoryListIn } from './repositories'
import { requestsIn } from './requests'
import { scansIn } from './scans'
import { schedulesIn } from './schedules'
import { seenIn } from './seen'
import { sessionsIn } from './sessions'
import { slackMessagesIn } from './slack-messages'
import { snapshotsIn } from './snapshots'
import { tokensIn } from './tokens'
import { turnsIn } from './turns'
import { upgradePagesIn } from './upgrade-pages'
import { upgradesIn } from './upgrades'
import { votesIn } from './votes'
import { workersIn } from './workers'

export { hashPlan } from './plans'
export { hashRelease } from './releases'

/**
 * Refit's own tables in PostgreSQL, over a pool that connects on first use; `close` it. Every write may run twice.
 * Throws DATABASE_UNAVAILABLE (retryable, without the password) when the server is away.
 */
export function createStore(databaseUrl: string): Store {
  const db = connect(databaseUrl)
  return guard<Store>(
    {
      ...tablesIn(db),
      migrate: () => migrateAt(databaseUrl),
      check: () => checkIn(db),
      lacking: () => lackingGrants(db),
      close: () => db.destroy(),
    },
    placeOf(databaseUrl),
  )
}

const tablesIn = (db: Knex): Omit<Store, 'migrate' | 'check' | 'lacking' | 'close'> => ({
  plans: plansIn(db),
  upgrades: upgradesIn(db),
  upgradePages: upgradePagesIn(db),
  turns: turnsIn(db),
  healthSamples: healthSamplesIn(db),
  requests: requestsIn(db),
  snapshots: snapshotsIn(db),
  decisions: decisionsIn(db),
  scans: scansIn(db),
  batches: batchesIn(db),
  repositories: repositoriesIn(db),
  repositoryList: repositoryListIn(db),
  seen: seenIn(db),
  images: imagesIn(db),
  imageMigrations: imageMigrationsIn(db),
  marks: marksIn(db),
  registryHosts: registryHostsIn(db),
  quarantine: quarantineIn(db),
  outbox: outboxIn(db),
  slackMessages: slackMessagesIn(db),
  tokens: tokensIn(db),
  sessions: sessionsIn(db),
  audit: auditIn(db),
  votes: votesIn(db),
  figures: figuresIn(db),
  freezes: freezesIn(db),
  releases: releasesIn(db),
  data: dataIn(db),
  diagnoses: diagnosesIn(db),
  digests: digestsIn(db),
  happenings: happeningsIn(db),
  schedules: schedulesIn(db),
  workers: workersIn(db),
  rehearsals: rehearsalsIn(db),
  jobLogs: jobLogsIn(db),
  jobRehearsals: jobRehearsalsIn(db),
})

async function migrateAt(databaseUrl: string): Promise<void> {
  const db = connect(databaseUrl, { connections: 1, statementTimeoutMs: 300_000 })
  try {
    await migrateStore(db)
  } finally {
    await db.destroy()
  }
}

async function checkIn(db: Knex): Promise<{ pending: number }> {
  return { pending: await pendingMigrations(db) }
}
