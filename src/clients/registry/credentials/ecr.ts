import type { Endpoint } from '../endpoint'
import { credentialsAway, errorName, noCredentials, type Loaded } from './credential'

const longestMs = 6 * 3_600_000

/** A token of Amazon ECR for the identity that this process has there (role, profile or variables), good for hours. */
export async function ecrCredential({ host }: Endpoint, region = regionOf(host)): Promise<Loaded> {
  if (region === undefined)
    throw noCredentials(host, 'its name has no region', 'Set registries[].auth to { ecr: { region: … } }.')
  try {
    // Loaded when it is configured: it is large, and most hubs have no use for it.
    const { ECRClient, GetAuthorizationTokenCommand } = await import('@aws-sdk/client-ecr')
    const client = new ECRClient({
      region,
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000 },
    })
    try {
      const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}))
      const { authorizationToken = '', expiresAt } = authorizationData?.[0] ?? {}
      const [username = '', password = ''] = Buffer.from(authorizationToken, 'base64').toString('utf8').split(':')
      if (!password) throw new Error('no token in the answer')
      const leftMs = (expiresAt?.getTime() ?? 0) - Date.now() - 600_000
      return {
        credential: { kind: 'basic', username, password, registryOnly: true },
        goodForMs: Math.min(Math.max(leftMs, 0), longestMs),
      }
    } finally {
      client.destroy()
    }
  } catch (error) {
    throw credentialsAway(host, `Amazon ECR gives no token (${errorName(error)})`)
  }
}

const regionOf = (host: string): string | undefined => /\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\./.exec(host)?.[1]
