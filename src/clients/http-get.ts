import { performance } from 'node:perf_hooks'
import { Agent } from 'undici'
import { reachesOf } from './post'
import { checkLiteral, ForbiddenAddress, guardedLookup } from './registry/address'
import { exchange, TooLate, TooLong } from './registry/exchange'

/** Whoever is asked is mostly inside of the cluster; where a cloud keeps its machines' credentials nobody is asked. */
const reaches = reachesOf(true)

export interface GetOptions {
  timeoutMs: number
  /** more of a body is an error */
  maxBytes: number
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
}

/**
 * One GET on a connection of its own; a login in the URL becomes Basic authentication, redirects are not followed. Throws
 * what `getFailure` puts into words.
 */
export async function httpGet(
  url: string,
  { timeoutMs, maxBytes, headers, signal }: GetOptions,
): Promise<{ status: number; body: string; ms: number }> {
  const { hostname, origin, pathname, search, username, password } = new URL(url)
  const agent = new Agent({ connect: { lookup: guardedLookup(reaches), timeout: timeoutMs } })
  const started = performance.now()
  try {
    checkLiteral(hostname, reaches)
    const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
    const { status, body } = await exchange(
      agent,
      {
        origin,
        path: `${pathname}${search}`,
        method: 'GET',
        headers: { 'user-agent': 'refit', ...(username ? { authorization: `Basic ${login}` } : {}), ...headers },
      },
      { timeoutMs, maxBytes: () => maxBytes, ...(signal ? { signal } : {}) },
    )
    return { status, body: body.toString('utf8'), ms: performance.now() - started }
  } finally {
    await agent.destroy()
  }
}

/** Why there is no answer, without the URL: `did not answer within 2 s`. */
export function getFailure(error: unknown, { timeoutMs, maxBytes }: GetOptions): string {
  const forbidden = [error, (error as { cause?: unknown }).cause].find((each) => each instanceof ForbiddenAddress)
  if (forbidden) return `is not asked, because ${forbidden.message}`
  if (error instanceof TooLate) return `did not answer within ${timeoutMs / 1_000} s`
  if (error instanceof TooLong) return `answered more than ${maxBytes / 1_024} KiB`
  const { code } = error as { code?: unknown }
  return `can't be asked (${typeof code === 'string' ? code : 'connection failed'})`
}

/** Whether it is an address that httpGet takes. */
export const isHttpUrl = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
