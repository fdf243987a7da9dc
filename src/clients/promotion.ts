import pLimit from 'p-limit'
import { Agent } from 'undici'
import { z } from 'zod'
import type { Config } from '../config'
import { repositoryPath } from '../domain/image'
import type { PromotionAnswer, PromotionAsked } from '../domain/promotion'
import { exchange, TooLate, TooLong } from './registry/exchange'

/** Asks other hubs what succeeded there. */
export interface Promotions {
  /** Never throws: a hub that can't be asked is an answer, too. */
  ask(question: { hub: string; repository: string; digest: string; signal?: AbortSignal }): Promise<PromotionAsked>
  close(): Promise<void>
}

const timeoutMs = 10_000
const maxBytes = 262_144
const atOnce = 4

const iso = z.string().refine((text) => !Number.isNaN(Date.parse(text)))
const word = z.string().max(300)
const answerSchema: z.ZodType<PromotionAnswer> = z.object({
  hub: z.object({ name: word, environment: word }),
  at: iso,
  upgrades: z
    .array(
      z.object({
        ...{ namespace: word, service: word, from: word, to: word },
        ...{ planHash: z.string().regex(/^[0-9a-f]{12}$/), migrations: z.string().regex(/^[0-9a-f]{64}$/) },
        ...{ succeededAt: iso, replacedAt: iso.nullable(), runs: z.boolean() },
      }),
    )
    .max(1_000),
})

/** Over the hubs of refit.yaml; `close` it. */
export function createPromotions(hubs: Config['hubs']): Promotions {
  const agent = new Agent({ connect: { timeout: timeoutMs }, connections: atOnce })
  const limits = new Map(hubs.map(({ name }) => [name, pLimit(atOnce)]))
  return {
    async ask({ hub: name, repository, digest, signal }) {
      const hub = hubs.find((each) => each.name === name)
      const limit = limits.get(name)
      if (!hub || !limit) return { kind: 'error', message: 'it is none of hubs in refit.yaml' }
      return limit(() => askHub(agent, hub, { repository: repositoryPath(repository), digest }, signal))
    },
    close: () => agent.close(),
  }
}

async function askHub(
  agent: Agent,
  { url, token }: Config['hubs'][number],
  query: { repository: string; digest: string },
  signal?: AbortSignal,
): Promise<PromotionAsked> {
  const base = new URL(url)
  const path = `${base.pathname.replace(/\/$/, '')}/api/v1/promotions?${new URLSearchParams(query).toString()}`
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'refit' }
  try {
    const { status, body } = await exchange(
      agent,
      { origin: base.origin, path, method: 'GET', headers },
      { timeoutMs, maxBytes: () => maxBytes, ...(signal ? { signal } : {}) },
    )
    if (status !== 200) return { kind: 'error', message: refusalWords(status) }
    return readAnswer(body)
  } catch (error) {
    signal?.throwIfAborted()
    return { kind: 'error', message: failureWords(error) }
  }
}

function readAnswer(body: Buffer): PromotionAsked {
  let read: unknown
  try {
    read = JSON.parse(body.toString('utf8'))
  } catch {
    return { kind: 'error', message: 'it answered no JSON' }
  }
  const parsed = answerSchema.safeParse(read)
  return parsed.success
    ? { kind: 'answer', answer: parsed.data }
    : { kind: 'error', message: 'its answer is none of a Refit of this version' }
}

function refusalWords(status: number): string {
  if (status === 401 || status === 403) return `it refuses the token of hubs in refit.yaml (${status})`
  if (status === 404) return 'its Refit is too old to be asked (404)'
  if (status >= 300 && status < 400) return `it answered with a redirect (${status}), which is not followed`
  return `it answered ${status}`
}

function failureWords(error: unknown): string {
  if (error instanceof TooLate) return `no answer within ${timeoutMs / 1_000} s`
  if (error instanceof TooLong) return 'its answer is too long'
  const { code } = error as { code?: string }
  return code ?? 'the connection failed'
}
