import { parseInstant } from '../domain/parse-instant'
import { getFailure, httpGet, isHttpUrl } from './http-get'

const options = { timeoutMs: 10_000, maxBytes: 65_536, headers: { accept: 'application/json, text/plain' } }

/** When the newest backup was made, by the answer to one GET; a text says why that can't be told, without the URL. */
export async function askBackup(url: string): Promise<Date | string> {
  if (!isHttpUrl(url)) return 'the URL that proves a backup is no http or https URL'
  const { hostname } = new URL(url)
  try {
    const { status, body } = await httpGet(url, options)
    if (status >= 300 && status < 400)
      return `${hostname}, asked for a backup, answered with a redirect (${status}), which is not followed`
    if (status !== 200) return `${hostname}, asked for a backup, answered ${status}`
    return parseInstant(saidIn(body)) ?? `${hostname}, asked for a backup, named no instant`
  } catch (error) {
    return `${hostname}, asked for a backup, ${getFailure(error, options)}`
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
