/** The schema of a policy's `health`. */
import { z } from 'zod'
import { jsonPath } from '../domain/json-path'
import { count, duration, object, text, url } from './values'

const listOf = <T extends z.ZodType>(item: T) => z.array(item, { error: 'must be a list' })
const number = z.number({ error: 'must be a number' })

const pathAllowed = 'must be a JSON path, such as "$.versionNumber" or "$.parts[0].state"'
const path = z.string({ error: pathAllowed }).regex(jsonPath, { error: pathAllowed })
const scalar = z.union([z.string(), number, z.boolean(), z.null()], {
  error: 'must be a text, a number, true, false or null',
})
const code = count(100, 599)
const codes = z.union([code.transform((one) => [one]), listOf(code).min(1)], {
  error: 'must be a status code or a list of them',
})

const expect = object({
  status: text().optional().describe('value of the field status of the answer'),
  version: path.optional().describe('where the answer names the running version'),
  code: codes.optional().describe('status codes that are good; 200 to 299 by default'),
  json: z
    .record(z.string(), scalar, { error: 'must map JSON paths to values' })
    .refine((values) => Object.keys(values).every((key) => jsonPath.test(key)), {
      error: 'must map JSON paths, such as "$.parts[0].state", to values',
    })
    .optional()
    .describe('values by their JSON path'),
  latency: duration('10ms')
    .refine((ms) => ms <= 10_000, { error: 'must be at most 10s' })
    .optional()
    .describe('an answer that takes longer is a bad one'),
})
  .prefault({})
  .transform(({ latency, ...rest }) => ({ ...rest, ...(latency === undefined ? {} : { latencyMs: latency }) }))

/** Filled when it is asked, so that a secret in it gets into no plan. */
const address = z.union([text().regex(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/), url], { error: 'must be an http or https URL' })

const tokenAllowed = 'must be a reference to an environment variable, such as "${PROMETHEUS_TOKEN}"'

const http = object({
  http: text().regex(/^\//, { error: 'must be a path, such as /health' }).describe('asked of every new pod'),
  port: count(1, 65_535),
  expect,
})

const ofUrl = object({ url: address.describe('asked by the worker'), expect })

const metric = object({
  prometheus: address.describe('of a server that speaks the HTTP API of Prometheus'),
  token: z
    .string({ error: tokenAllowed })
    .regex(/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/, { error: tokenAllowed })
    .optional(),
  query: text().describe('PromQL that gives one series; $namespace, $service and $pods are filled'),
  max: number.optional().describe('beside worse: so much is good in any case'),
  min: number.optional().describe('beside worse: less is worse, and so much is good in any case'),
  worse: number
    .refine((factor) => factor >= 1, { error: 'must be a factor of 1 or more' })
    .optional()
    .describe('how many times worse it may be than before the upgrade'),
  over: duration('1s').default(60_000).describe('the time of which the mean is taken'),
  samples: count(1, 1_000).default(3).describe('how many values of that time are needed'),
}).transform(({ over, ...rest }) => ({ ...rest, overMs: over }))

const job = object({
  job: object({
    command: listOf(z.string({ error: 'must be a text' })).min(1, { error: 'must have at least one word' }),
    deadline: duration('1s').default(120_000),
  }).transform(({ command, deadline }) => ({ command, deadlineMs: deadline })),
})

/** One health check: which kind it is shows in its keys. */
export const health = z.union([http, ofUrl, metric, job], {
  error: 'must be { http, port }, { url }, { prometheus, query } or { job }',
})
