import type { Endpoint } from '../endpoint'
import { badAnswer, refused } from '../failures'
import type { Polite } from '../polite'
import { credentialsAway, errorName, type Credential } from './credential'

const scope = 'https://containerregistry.azure.net/.default'

/** A refresh token of an Azure registry, by Azure's default credentials. */
export async function azureCredential(endpoint: Endpoint, polite: Polite): Promise<Credential> {
  let token: string
  try {
    const { DefaultAzureCredential } = await import('@azure/identity')
    ;({ token } = await new DefaultAzureCredential().getToken(scope))
  } catch (error) {
    throw credentialsAway(endpoint.host, `Azure gives no token (${errorName(error)})`)
  }
  return exchanged(endpoint, token, polite)
}

/** The registry's own exchange of an Azure token (AAD) for a refresh token of the registry. */
export async function exchanged(endpoint: Endpoint, token: string, polite: Polite): Promise<Credential> {
  const { status, body } = await polite(endpoint, undefined, () => ({
    method: 'POST',
    path: '/oauth2/exchange',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'access_token', service: endpoint.host, access_token: token }).toString(),
    maxBytes: 256 * 1024,
  }))
  if (status === 401 || status === 403)
    throw refused(endpoint, `${endpoint.host} answered ${status} to the exchange of Azure's token`)
  const refreshToken = status === 200 ? refreshTokenIn(body) : undefined
  if (refreshToken === undefined) throw badAnswer(endpoint, `it answered ${status} to the exchange of Azure's token`)
  return { kind: 'identity', token: refreshToken, registryOnly: true }
}

function refreshTokenIn(body: Buffer): string | undefined {
  try {
    const { refresh_token: token } = JSON.parse(body.toString('utf8')) as { refresh_token?: unknown }
    return typeof token === 'string' && token ? token : undefined
  } catch {
    return undefined
  }
}
