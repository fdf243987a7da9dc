import { RefitError } from '../domain/errors'
import type { HubProfile } from './hub-profiles'

/** What says which hub is meant; TEMPORAL_* too, but for where the file of Temporal's profiles is. */
const belongsToHub = (name: string): boolean =>
  (name.startsWith('TEMPORAL_') && name !== 'TEMPORAL_CONFIG_FILE') ||
  name.startsWith('REFIT_ENCRYPTION_KEYS') ||
  ['DATABASE_URL', 'REFIT_CONFIG', 'REFIT_KUBECONFIG', 'REFIT_SERVER', 'REFIT_TOKEN', 'REFIT_TOKEN_FILE'].includes(name)

/**
 * The environment of a hub: all that says which hub is meant comes from its profile, nothing from the shell, where it may
 * belong to another one. What refit.yaml refers to stays.
 */
export function environmentOfHub(
  env: NodeJS.ProcessEnv,
  { name, file, hub }: { name: string; file: string; hub: HubProfile },
): NodeJS.ProcessEnv {
  const [, variable = ''] = /^\$\{(.*)\}$/.exec(hub.databaseUrl ?? '') ?? []
  const own = {
    ...{ DATABASE_URL: env[variable], REFIT_CONFIG: hub.config, REFIT_KUBECONFIG: hub.kubeconfig },
    ...{ REFIT_SERVER: hub.server, REFIT_TOKEN_FILE: hub.tokenFile },
    ...{ TEMPORAL_PROFILE: hub.temporalProfile, TEMPORAL_UI_URL: hub.temporalUi },
    REFIT_ENCRYPTION_KEYS_FILE: hub.encryptionKeysFile,
  }
  const rest = Object.entries(env).filter(([key]) => !belongsToHub(key))
  return { ...Object.fromEntries(rest), ...definedOf(own), REFIT_HUB: name, REFIT_HUBS: file }
}

const definedOf = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined))

/** CONFIG_INVALID when the hub of this environment lacks what a part needs; without --hub the part itself says what it misses. */
export function assertInProfile(env: NodeJS.ProcessEnv, variable: string, key: keyof HubProfile): void {
  const { REFIT_HUB: name, REFIT_HUBS: file = '' } = env
  if (name === undefined || env[variable]?.trim()) return
  throw new RefitError(
    'CONFIG_INVALID',
    `This needs ${key} of hub ${name}, which ${file} does not have${key === 'databaseUrl' ? ', or its variable is not set' : ''}.`,
    key === 'databaseUrl'
      ? `Write databaseUrl: "\${NAME}" there and set that variable; what is set for other hubs is not used.`
      : `Write ${key} there; what is set in the environment may belong to another hub and is not used.`,
  )
}
