import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { join } from 'node:path'

export interface Answer {
  status: number
  body: string
}

/** One HTTP or HTTPS request with a time limit. @throws when there is no answer */
export function request(url: string, options: https.RequestOptions & { body?: string } = {}): Promise<Answer> {
  const { body, ...rest } = options
  return new Promise((resolve, reject) => {
    const client = url.startsWith('https:') ? https : http
    const sent = client.request(url, { agent: false, timeout: 5000, ...rest }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`${url} did not answer within 5 s`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** @throws unless the URL answers 200 */
export async function expectOk(url: string, options?: https.RequestOptions): Promise<void> {
  const { status, body } = await request(url, options)
  if (status !== 200) throw new Error(`${url} answered ${status}: ${body.slice(0, 200)}`)
}

/** The few calls of the Kubernetes API that the launcher itself makes, as the user `refit-launcher`. */
export class KubeApi {
  constructor(
    private readonly server: string,
    private readonly pki: string,
  ) {}

  async get<T = unknown>(path: string): Promise<T> {
    return JSON.parse(await this.call('GET', path)) as T
  }

  /** Server-side apply of one object; `path` ends with its name. */
  async apply(path: string, object: unknown): Promise<void> {
    const body = JSON.stringify(object)
    await this.call('PATCH', `${path}?fieldManager=refit-stack&force=true`, body, 'application/apply-patch+yaml')
  }

  /** Deletes an object, or finds it gone already. */
  async delete(path: string): Promise<void> {
    await this.call('DELETE', path, undefined, undefined, [404])
  }

  async call(
    method: string,
    path: string,
    body?: string,
    type = 'application/json',
    also: number[] = [],
  ): Promise<string> {
    const read = (file: string) => readFileSync(join(this.pki, file))
    const tls = { ca: read('ca.crt'), cert: read('launcher.crt'), key: read('launcher.key') }
    const headers = body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }
    const answer = await request(`${this.server}${path}`, { method, headers, body, ...tls })
    if (answer.status >= 300 && !also.includes(answer.status)) {
      throw new Error(`${method} ${path}: ${answer.status} ${answer.body.slice(0, 300)}`)
    }
    return answer.body
  }
}
