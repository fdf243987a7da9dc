import type { Knex } from 'knex'
import * as upgrades from './20260901000000_upgrades'
import * as scans from './20260901000001_scans'
import * as outbox from './20260901000002_outbox'
import * as detection from './20261124000000_detection'
import * as registryHosts from './20261124000001_registry_hosts'
import * as approvals from './20261125000000_approvals'
import * as alerts from './20261125000001_outbox'
import * as releases from './20261125000003_releases'
import * as operations from './20261125000006_operations'
import * as rehearsals from './20261201000000_rehearsals'
import * as data from './20261201000001_data'
import * as imageMigrations from './20261201000002_image_migrations'
import * as diagnosis from './20261201000003_diagnosis'
import * as changes from './20261201000010_changes'
import * as lists from './20261201000011_lists'
import * as health from './20261201000012_health'
import * as sessions from './20261201000019_sessions'
import * as audit from './20261201000020_audit'
import * as samples from './20261202000000_samples'
import * as verified from './20261202000001_verified'
import * as turns from './20261202000002_turns'

interface NamedMigration extends Knex.Migration {
  name: string
}

/** Refit's own schema, in order. A list instead of a folder, so that it is the same compiled, under tsx and in Jest. */
export const migrations: readonly NamedMigration[] = [
  { name: '20260901000000_upgrades', ...upgrades },
  { name: '20260901000001_scans', ...scans },
  { name: '20260901000002_outbox', ...outbox },
  { name: '20261124000000_detection', ...detection },
  { name: '20261124000001_registry_hosts', ...registryHosts },
  { name: '20261125000000_approvals', ...approvals },
  { name: '20261125000001_outbox', ...alerts },
  { name: '20261125000003_releases', ...releases },
  { name: '20261125000006_operations', ...operations },
  { name: '20261201000000_rehearsals', ...rehearsals },
  { name: '20261201000001_data', ...data },
  { name: '20261201000002_image_migrations', ...imageMigrations },
  { name: '20261201000003_diagnosis', ...diagnosis },
  { name: '20261201000010_changes', ...changes },
  { name: '20261201000011_lists', ...lists },
  { name: '20261201000012_health', ...health },
  { name: '20261201000019_sessions', ...sessions },
  { name: '20261201000020_audit', ...audit },
  { name: '20261202000000_samples', ...samples },
  { name: '20261202000001_verified', ...verified },
  { name: '20261202000002_turns', ...turns },
]
