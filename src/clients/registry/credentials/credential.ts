import { RefitError } from '../../../domain/errors'
import { readAgain } from '../failures'

/** What a registry or its token server is shown. */
export type Credential = (
  | { kind: 'basic'; username: string; password: string }
  /** a refresh token, exchanged for tokens by POST */
  | { kind: 'identity'; token: string }
  /** sent as it is */
  | { kind: 'bearer'; token: string }
) & {
  /** good for more than this registry, so its token server must be the registry itself */
  registryOnly?: true
}

export interface Loaded {
  credential: Credential | undefined
  /** how long it may be kept; a few minutes unless given */
  goodForMs?: number
}

export const basic = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** REGISTRY_REFUSED for credentials that can't be had; `why` never has a secret in it. */
export const noCredentials = (host: string, why: string, next: string): RefitError =>
  new RefitError('REGISTRY_REFUSED', `The credentials for ${host} can't be read: ${why}.`, next)

/** The same where trying again may help. */
export const credentialsAway = (host: string, why: string, cause?: unknown): RefitError =>
  new RefitError('REGISTRY_UNAVAILABLE', `The credentials for ${host} can't be read: ${why}.`, readAgain, { cause })

/** The name only: messages of a cloud's library may quote what it sent. */
export const errorName = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'error'
}
