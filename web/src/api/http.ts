/** Asks the server; what it refuses becomes a Problem. */

export interface ProblemDetails {
  status: number
  code: string
  detail: string
  next?: string
}

/** What the server said no with, or why it could not be asked (status 0). */
export class Problem extends Error {
  override readonly name = 'Problem'
  constructor(readonly details: ProblemDetails) {
    super(details.detail)
  }
  /** nothing is wrong with what was asked: the same may be answered later */
  get isAway(): boolean {
    return this.details.status === 0 || this.details.status === 429 || this.details.status >= 500
  }
}

const unreachable: ProblemDetails = {
  status: 0,
  code: 'SERVER_UNAVAILABLE',
  detail: "Refit's server can't be reached.",
  next: 'This page tries again by itself.',
}

const answersWithinMs = 40_000

let csrf: string | null = null
/** The proof that a change comes from this page, as the session gave it. */
export const rememberCsrf = (token: string | null): void => void (csrf = token)

async function ask(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, signal: init.signal ?? AbortSignal.timeout(answersWithinMs) })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Problem(unreachable)
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const said: unknown = await response.json().catch(() => undefined)
  const { code, detail, next } = (typeof said === 'object' && said !== null ? said : {}) as Partial<ProblemDetails>
  return new Problem({
    status: response.status,
    code: code ?? 'INTERNAL',
    detail: detail ?? `The server answered ${response.status}.`,
    ...(next ? { next } : {}),
  })
}

/** GET as JSON. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await ask(path, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) })
  if (!response.ok) throw await problemOf(response)
  return (await response.json()) as T
}

/** GET as text, for a download. */
export async function getText(path: string, accept: string): Promise<string> {
  const response = await ask(path, { headers: { accept } })
  if (!response.ok) throw await problemOf(response)
  return response.text()
}

/** POST, once per `key` however often it is repeated. */
export async function postJson<T>(path: string, body: unknown, key?: string): Promise<T> {
  const response = await ask(path, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      ...(csrf ? { 'x-csrf-token': csrf } : {}),
      ...(key ? { 'idempotency-key': key } : {}),
    },
    body: JSON.stringify(body ?? {}),
  })
  if (!response.ok) throw await problemOf(response)
  const text = await response.text()
  return (text ? JSON.parse(text) : {}) as T
}
