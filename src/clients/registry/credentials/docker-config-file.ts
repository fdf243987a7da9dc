import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Endpoint } from '../endpoint'
import { noCredentials, type Credential } from './credential'
import { helperCredential } from './credential-helper'
import { helperFor, inlineCredential, parseDockerConfig } from './docker-config'

/** What Docker on this machine would show this registry: from the file itself, or from the helper that it names. */
export async function dockerConfigCredential(
  { host, path }: Endpoint,
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Credential | undefined> {
  const place = file ?? join(environment.DOCKER_CONFIG ?? join(environment.HOME ?? homedir(), '.docker'), 'config.json')
  const config = parseDockerConfig(await read(place, host))
  if (!config) throw noCredentials(host, `${place} is no Docker configuration`, 'Correct the file.')
  const inline = inlineCredential(config, host, path)
  if (inline) return inline
  const helper = helperFor(config, host)
  return helper === undefined ? undefined : helperCredential(helper, host, environment)
}

async function read(file: string, host: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    throw noCredentials(host, `${file} (${code})`, 'Set DOCKER_CONFIG, or registries[].auth to { dockerConfig: path }.')
  }
}
