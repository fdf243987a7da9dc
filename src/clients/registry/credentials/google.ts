import type { Endpoint } from '../endpoint'
import { credentialsAway, errorName, type Credential } from './credential'

/** Artifact Registry gives nothing for a narrower scope. */
const scopes = ['https://www.googleapis.com/auth/cloud-platform.read-only']

/** An access token of Google Cloud, by its application default credentials. */
export async function googleCredential({ host }: Endpoint): Promise<Credential> {
  let token: string | null | undefined
  try {
    const { GoogleAuth } = await import('google-auth-library')
    token = await new GoogleAuth({ scopes }).getAccessToken()
  } catch (error) {
    throw credentialsAway(host, `Google Cloud gives no token (${errorName(error)})`)
  }
  if (!token) throw credentialsAway(host, 'Google Cloud gives no token')
  return { kind: 'basic', username: 'oauth2accesstoken', password: token, registryOnly: true }
}
