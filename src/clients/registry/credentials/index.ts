import type { PullSecrets, ReadOptions } from '../../contracts'
import type { Endpoint } from '../endpoint'
import type { Polite } from '../polite'
import { singleFlight } from '../single-flight'
import type { Credential, Loaded } from './credential'
import { azureCredential } from './azure'
import { dockerConfigCredential } from './docker-config-file'
import { ecrCredential } from './ecr'
import { googleCredential } from './google'
import { pullSecretCredential } from './pull-secrets'

const keptMs = 300_000
const maxKept = 10_000

interface Found {
  /** tells credentials apart, without a secret in it */
  id: string
  credential: Credential | undefined
}

/** The credentials that `registries[].auth` gives for a repository, kept for some minutes. */
export interface Credentials {
  of(endpoint: Endpoint, options: ReadOptions): Promise<Found>
  /** they were not taken */
  forget(endpoint: Endpoint, options: ReadOptions): void
}

export interface Sources {
  secrets: PullSecrets | undefined
  environment: NodeJS.ProcessEnv
  polite: Polite
}

export function createCredentials(sources: Sources): Credentials {
  const kept = new Map<string, { credential: Credential | undefined; until: number }>()
  const flight = singleFlight<Credential | undefined>()
  return {
    async of(endpoint, options) {
      const id = idOf(endpoint, options)
      const known = kept.get(id)
      if (known && known.until > Date.now()) return { id, credential: known.credential }
      const credential = await flight(id, options.signal, async () => {
        const loaded = await load(sources, endpoint, options)
        kept.delete(id)
        kept.set(id, { credential: loaded.credential, until: Date.now() + (loaded.goodForMs ?? keptMs) })
        const [oldest] = kept.keys()
        if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest)
        return loaded.credential
      })
      return { id, credential }
    },
    forget: (endpoint, options) => void kept.delete(idOf(endpoint, options)),
  }
}

/** Docker's configurations may have an entry for a part of a registry, so those are looked up by repository. */
function idOf({ host, path, auth }: Endpoint, { pullSecrets = [] }: ReadOptions): string {
  if (!auth) return 'anonymous'
  if (auth.kind === 'imagePullSecrets')
    return JSON.stringify([host, path, ...pullSecrets.map(({ namespace, name }) => `${namespace}/${name}`)])
  return auth.kind === 'dockerConfig' || auth.kind === 'secretRef' ? JSON.stringify([host, path]) : host
}

async function load(sources: Sources, endpoint: Endpoint, options: ReadOptions): Promise<Loaded> {
  const { auth } = endpoint
  switch (auth?.kind) {
    case undefined:
      return { credential: undefined }
    case 'env':
      return { credential: { kind: 'basic', username: auth.username, password: auth.password } }
    case 'dockerConfig':
      return { credential: await dockerConfigCredential(endpoint, auth.path, sources.environment) }
    case 'secretRef':
      return { credential: await pullSecretCredential(endpoint, [auth], sources.secrets) }
    case 'imagePullSecrets':
      return { credential: await pullSecretCredential(endpoint, options.pullSecrets ?? [], sources.secrets) }
    case 'ecr':
      return ecrCredential(endpoint, auth.region)
    case 'google':
      return { credential: await googleCredential(endpoint) }
    case 'azure':
      return { credential: await azureCredential(endpoint, sources.polite) }
  }
}
