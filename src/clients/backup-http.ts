import { Agent } from 'undici'
import { parseInstant } from '../domain/parse-instant'
import { reachesOf } from './post'
import { checkLiteral, ForbiddenAddress, guardedLookup } from './registry/address'
import { exchange, TooLate, TooLong } from './registry/exchange'

const timeoutMs = 10_000
const maxBytes = 65_536

/** Whoever tells of backups is mostly inside of the cluster; where a cloud keeps its machines' credentials nobody is asked. */
const reaches = reachesOf(true)

/** When the newest backup was made, by the answer to one GET; a text says why that can't be told, without the URL. */
export async function askBackup(url: string): Promise<Date | string> {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    return 'the URL that proves a backup is no http or https URL'
  const { hostname, origin, pathname, search, username, password } = new URL(url)
  const agent = new Agent({ connect: { lookup: guardedLookup(reaches), timeout: timeoutMs } })
  try {
    checkLiteral(hostname, reaches)
    const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
    const { status, body } = await exchange(
      agent,
      {
        origin,
        path: `${pathname}${search}`,
        method: 'GET',
        headers: {
          accept: 'application/json, text/plain',
          'user-agent': 'refit',
          ...(username ? { authorization: `Basic ${login}` } : {}),
        },
      },
      { timeoutMs, maxBytes: () => maxBytes },
    )
    if (status >= 300 && status < 400)
      return `${hostname}, asked for a backup, answered with a redirect (${status}), which is not followed`
    if (status !== 200) return `${hostname}, asked for a backup, answered ${status}`
    return parseInstant(saidIn(body.toString('utf8'))) ?? `${hostname}, asked for a backup, named no instant`
  } catch (error) {
    return failureWords(hostname, error)
  } finally {
    await agent.destroy()
  }
}

/** `{ "at": … }`, or the bare instant. */
function saidIn(text: string): string {
  try {
    const read: unknown = JSON.parse(text)
    if (typeof read === 'object' && read !== null && 'at' in read) return String(read.at)
    return typeof read === 'string' ? read : text
  } catch {
    return text
  }
}

function failureWords(hostname: string, error: unknown): string {
  const forbidden = [error, (error as { cause?: unknown }).cause].find((each) => each instanceof ForbiddenAddress)
  if (forbidden) return `${hostname} is not asked for a backup, because ${(forbidden).message}`
  if (error instanceof TooLate) return `${hostname}, asked for a backup, did not answer within ${timeoutMs / 1_000} s`
  if (error instanceof TooLong) return `${hostname}, asked for a backup, answered more than ${maxBytes / 1_024} KiB`
  const { code } = error as { code?: unknown }
  return `${hostname} can't be asked for a backup (${typeof code === 'string' ? code : 'connection failed'})`
}
