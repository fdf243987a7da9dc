import type { Server } from 'node:http'

/** What the provider of the tests is told: its clients, its keys and its people. */
export interface ProviderSetup {
  port: number
  clients: object[]
  jwks: object
  /** the claims of each account */
  accounts: Record<string, Record<string, unknown>>
}

interface Provider {
  listen(port: number, host: string, ready: () => void): Server
}

/** A real OIDC provider, as a process of its own because it is an ES module. Anybody may log in as anybody. */
async function main(): Promise<void> {
  const { port, clients, jwks, accounts } = JSON.parse(process.argv[2] ?? '{}') as ProviderSetup
  const name = 'oidc-provider'
  const { Provider } = (await import(name)) as { Provider: new (issuer: string, options: object) => Provider }
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    ...{ clients, jwks, pkce: { required: () => true } },
    cookies: { keys: ['of the tests'] },
    scopes: ['openid', 'email', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, ...accounts[accountId] }),
    }),
    features: { devInteractions: { enabled: true } },
  })
  provider.listen(port, '127.0.0.1', () => process.stdout.write('ready\n'))
}

void main()
