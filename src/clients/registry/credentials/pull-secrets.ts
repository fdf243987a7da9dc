import { RefitError } from '../../../domain/errors'
import type { PullSecrets, SecretName } from '../../contracts'
import type { Endpoint } from '../endpoint'
import { credentialsAway, noCredentials, type Credential } from './credential'
import { inlineCredential, parseDockerConfig } from './docker-config'

/** The first of these Secrets that has something for the repository. Helpers that a Secret names are never run. */
export async function pullSecretCredential(
  { host, path }: Endpoint,
  names: readonly SecretName[],
  secrets: PullSecrets | undefined,
): Promise<Credential | undefined> {
  for (const name of names) {
    const text = await read(name, host, secrets)
    const config = text === undefined ? undefined : parseDockerConfig(text)
    const credential = config && inlineCredential(config, host, path)
    if (credential) return credential
  }
  return undefined
}

async function read({ namespace, name }: SecretName, host: string, secrets: PullSecrets | undefined) {
  const place = `Secret ${namespace}/${name}`
  if (!secrets) throw noCredentials(host, `${place} can't be read without Kubernetes`, 'Run this where Kubernetes is.')
  try {
    return await secrets.dockerConfig(namespace, name)
  } catch (error) {
    if (!(error instanceof RefitError)) throw error
    if (error.retryable) throw credentialsAway(host, `${place}: ${error.message}`, error)
    throw noCredentials(
      host,
      `${place} is not given to Refit`,
      'Grant get on this Secret by its name: refit permissions --pull-secret NAME prints the role.',
    )
  }
}
