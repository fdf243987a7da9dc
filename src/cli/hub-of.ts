import type { RefitApi } from '../clients/refit-api'
import { isProductionName } from '../domain/environment'
import { RefitError } from '../domain/errors'
import type { CommandSpec } from './command-spec'
import type { Parts } from './parts'
import { remoteApi } from './voting'

/** A hub by the name and the environment of its refit.yaml. */
export interface Hub {
  name: string
  environment: string
}

/** The hub that a command is about; undefined where no refit.yaml can be read. Throws what its server answers. */
export type HubOf = () => Promise<Hub | undefined>

/** By refit.yaml, or for a command that goes to a Refit server by what that says. Asked once. */
export function hubOf(
  { parts, env }: { parts: Pick<Parts, 'config'>; env: NodeJS.ProcessEnv },
  { options = [] }: Pick<CommandSpec, 'options'>,
  given: { server?: string; tokenFile?: string },
): HubOf {
  let asked: Promise<Hub | undefined> | undefined
  const goesToServer = options.some(({ flags }) => flags.startsWith('--server '))
  const ask = async (): Promise<Hub | undefined> => {
    const api = goesToServer ? remoteApi(env, given) : undefined
    if (api) return remoteHub(api)
    try {
      return (await parts.config()).hub
    } catch (error) {
      if (error instanceof RefitError && error.code === 'CONFIG_INVALID') return undefined
      throw error
    }
  }
  return () => (asked ??= ask())
}

/** Servers of builds before have no session, and say it with the services. */
async function remoteHub(api: RefitApi): Promise<Hub> {
  const said = await api.get('/api/v1/session').catch((error: unknown) => {
    if (error instanceof RefitError && error.code === 'ROUTE_UNKNOWN') return api.get('/api/v1/services')
    throw error
  })
  return (said as { hub: Hub }).hub
}

/** A hub that nobody knows counts as production. */
export const isProduction = (hub: Hub | undefined): boolean => hub === undefined || isProductionName(hub.environment)

/** `green-hub (production)` */
export const hubWords = (hub: Hub | undefined): string =>
  hub === undefined ? 'a hub that no refit.yaml names' : `${hub.name} (${hub.environment})`
