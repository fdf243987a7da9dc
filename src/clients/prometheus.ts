import { z } from 'zod'
import type { MetricAnswer } from '../domain/health-metric'
import { clean } from '../domain/text'
import { fillReferences, MissingVariable } from './fill-references'
import { getFailure, httpGet, isHttpUrl } from './http-get'

const timeoutMs = 5_000
const maxBytes = 1_048_576

export interface RangeQuery {
  /** base URL; its `${NAME}` are filled here, as that of the token */
  prometheus: string
  token?: string | undefined
  query: string
  /** epoch ms, both included */
  from: number
  to: number
  /** ms between two values */
  stepMs: number
}

const failed = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() })
const matrix = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) })),
  }),
})

/** Asks a Prometheus server (or what speaks its HTTP API) for the values of a query; never throws, and tells no secret. */
export async function queryRange(
  { prometheus, token, query, from, to, stepMs }: RangeQuery,
  environment: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<MetricAnswer> {
  const options = { timeoutMs, maxBytes, signal }
  try {
    const base = fillReferences(prometheus, environment)
    if (!isHttpUrl(base)) return { error: 'the address of Prometheus is no http or https URL' }
    const url = new URL(base)
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/query_range`
    const seconds = (ms: number): string => (ms / 1000).toFixed(3)
    const asked = { query, start: seconds(from), end: seconds(to), step: seconds(stepMs), timeout: `${timeoutMs}ms` }
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
    const bearer = token === undefined ? undefined : fillReferences(token, environment)
    const headers = { accept: 'application/json', ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) }
    return read(await httpGet(url.href, { ...options, headers }))
  } catch (error) {
    if (error instanceof MissingVariable) return { error: `the environment variable ${error.variable} is not set` }
    return { error: `Prometheus ${getFailure(error, options)}` }
  }
}

function read({ status, body }: { status: number; body: string }): MetricAnswer {
  const said = jsonOf(body)
  const refused = failed.safeParse(said)
  if (refused.success) return { error: `Prometheus says ${clean(refused.data.error, 200)}` }
  if (status !== 200) return { error: `Prometheus answers ${status}` }
  const answer = matrix.safeParse(said)
  if (!answer.success) return { error: 'what answers does not speak the API of Prometheus' }
  const { result } = answer.data.data
  return { series: result.length, values: (result[0]?.values ?? []).map(([, value]) => valueOf(value)) }
}

/** Prometheus writes numbers as Go does. */
const valueOf = (text: string): number =>
  text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : text === 'NaN' ? NaN : Number(text)

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
