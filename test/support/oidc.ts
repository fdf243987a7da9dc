import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import getPort from 'get-port'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import type { Api } from '../../src/api/types'
import type { OidcRules } from '../../src/config'
import type { ProviderSetup } from './oidc-process'

export const refitOrigin = 'https://refit.example.org'
export const audience = 'https://refit.example.org/api'

export interface TestProvider {
  rules: OidcRules
  /** a token signed with the provider's key */
  sign: (claims: JWTPayload, header?: { typ?: string; kid?: string }) => Promise<string>
  publicKey: Awaited<ReturnType<typeof generateKeyPair>>['publicKey']
  stop: () => Promise<void>
  start: () => Promise<void>
}

const accounts: ProviderSetup['accounts'] = {
  ana: { email: 'ana@example.org', email_verified: true, groups: ['ops', 'tech-ops'] },
  vic: { email: 'vic@example.org', email_verified: true, groups: ['guests'] },
  eve: { email: 'ana@example.org', email_verified: false, groups: ['ops'] },
  nemo: { groups: ['ops'] },
}

/** A real OIDC provider on this machine, which knows the Refit at `origin` as a client; `stop` it. */
export async function startProvider(origin = refitOrigin): Promise<TestProvider> {
  const port = await getPort()
  const issuer = `http://127.0.0.1:${port}`
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), kid: 'of-the-tests', use: 'sig', alg: 'RS256' }
  const rules: OidcRules = {
    ...{ issuer, clientId: 'refit', clientSecret: 'S3CRET-of-the-client', audience },
    ...{ requestScopes: ['email', 'groups'], nameClaim: 'email', groupsClaim: 'groups' },
    scopes: { viewer: ['guests'], operator: ['ops'] },
  }
  const setup: ProviderSetup = {
    ...{ port, accounts, jwks: { keys: [key] } },
    clients: [
      {
        ...{ client_id: rules.clientId, client_secret: rules.clientSecret, response_types: ['code'] },
        redirect_uris: [`${origin}/auth/oidc/callback`],
      },
    ],
  }
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'oidc-process.ts'), JSON.stringify(setup)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise<void>((resolve, reject) => {
      child?.stdout?.on('data', (text: Buffer) => text.toString().includes('ready') && resolve())
      child?.once('exit', (code) => reject(new Error(`the provider ended with ${code}`)))
    })
  }
  await start()
  return {
    ...{ rules, publicKey, start },
    sign: (claims, header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'of-the-tests', typ: 'at+jwt', ...header })
        .sign(privateKey),
    async stop() {
      if (!child || child.exitCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

interface Answer {
  status: number
  location: string | undefined
  body: string
}

/** What a browser does: keeps cookies by origin, and follows where it is led. */
export function createBrowser(app: Api, { accept = 'text/html' } = {}) {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (origin: string): Map<string, string> => {
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    return jar
  }
  const cookieOf = (url: URL): string => [...jarOf(url.origin)].map(([name, value]) => `${name}=${value}`).join('; ')

  async function send(url: URL, form?: Record<string, string>): Promise<Answer> {
    const headers = { accept, cookie: cookieOf(url) }
    if (url.origin === refitOrigin) {
      const answer = await app.inject({ url: url.pathname + url.search, headers: { ...headers, host: url.host } })
      for (const { name, value } of answer.cookies)
        if (value) jarOf(url.origin).set(name, value)
        else jarOf(url.origin).delete(name)
      return { status: answer.statusCode, location: answer.headers.location, body: answer.body }
    }
    const answer = await fetch(url, {
      ...{ headers, redirect: 'manual' as const },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value) jarOf(url.origin).set(name, value)
      else jarOf(url.origin).delete(name)
    }
    return { status: answer.status, location: answer.headers.get('location') ?? undefined, body: await answer.text() }
  }

  /** Goes on until something is neither a redirect nor stops it. */
  async function follow(from: string, stopAt: (url: URL) => boolean = () => false, form?: Record<string, string>) {
    let url = new URL(from, refitOrigin)
    let answer = await send(url, form)
    while (answer.location !== undefined) {
      url = new URL(answer.location, url)
      if (stopAt(url)) break
      answer = await send(url)
    }
    return { url, answer }
  }

  const isCallback = (url: URL): boolean => url.origin === refitOrigin && url.pathname === '/auth/oidc/callback'

  return {
    follow,
    send: (path: string) => send(new URL(path, refitOrigin)),
    /** what the browser sends with each request to Refit */
    cookie: () => cookieOf(new URL(refitOrigin)),
    /** logs in at the provider and returns the way back, not gone yet */
    async atProvider(account: string, next = '/auth/oidc'): Promise<URL> {
      let at = await follow(next)
      const forms: Record<string, string>[] = [
        { prompt: 'login', login: account, password: 'x' },
        { prompt: 'consent' },
      ]
      for (const form of forms) {
        const action = /action="([^"]+)"/.exec(at.answer.body)?.[1] ?? at.url.href
        at = await follow(new URL(action, at.url).href, isCallback, form)
        if (isCallback(at.url)) return at.url
      }
      throw new Error(`the provider leads to ${at.url.href}: ${at.answer.body.slice(0, 500)}`)
    },
    /** gives up at the provider */
    async cancel(): Promise<URL> {
      const at = await follow('/auth/oidc')
      return (await follow(`${at.url.href}/abort`, isCallback)).url
    },
  }
}
