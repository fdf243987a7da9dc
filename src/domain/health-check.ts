/** What an HTTP answer must be; what is absent isn't looked at. */
export interface HealthExpectation {
  /** value of the answer's `status` field */
  status?: string
  /** JSON path (`$.a.b`, `$.a[0]`) of the running version, compared with the tag without its leading v */
  version?: string
  /** HTTP status codes that are good; 200 to 299 when absent */
  code?: number[]
  /** values by their JSON path */
  json?: Record<string, JsonScalar>
  /** an answer that took longer is a bad one */
  latencyMs?: number
}

export type JsonScalar = string | number | boolean | null

/** Asked of every new pod, through the API server. */
export interface HttpCheck {
  /** path, e.g. /health */
  http: string
  port: number
  expect: HealthExpectation
}

/** Asked by the worker, once for the service. May hold `${NAME}`, filled when it is asked. */
export interface UrlCheck {
  url: string
  expect: HealthExpectation
}

/** A PromQL query whose mean over a time is held against bounds, or against the time before the upgrade. */
export interface MetricCheck {
  /** base URL of the server; may hold `${NAME}` */
  prometheus: string
  /** `${NAME}` of a bearer token */
  token?: string | undefined
  /** `$namespace`, `$service` and `$pods` (a regular expression of the new pods' names) are filled */
  query: string
  /** more is bad; beside `worse`: so much is good in any case */
  max?: number | undefined
  /** less is bad; beside `worse`: so much is good in any case, and less is worse */
  min?: number | undefined
  /** by which factor it may be worse than before the upgrade */
  worse?: number | undefined
  /** the time that is looked at */
  overMs: number
  /** how many values of that time are needed */
  samples: number
}

/** A command in the new image, run once as a Job: exit code 0 is good. */
export interface JobCheck {
  job: { command: string[]; deadlineMs: number }
}

export type HealthCheck = HttpCheck | UrlCheck | MetricCheck | JobCheck

/** What people call it: in plans and sentences. */
export function checkName(check: HealthCheck): string {
  if ('http' in check) return `${check.http} on ${check.port}`
  if ('url' in check) return check.url
  return 'job' in check ? check.job.command.join(' ') : check.query
}

/** A health check in words: what of it makes a release fail. */
export function checkWords(check: HealthCheck): string {
  if (!('query' in check)) return checkName(check)
  const { max, min, worse } = check
  const bounds = [
    ...(worse === undefined ? [] : [`no more than ${worse} times worse than before`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
    ...(min === undefined ? [] : [`at least ${min}`]),
  ]
  return `${check.query} (${bounds.join(worse === undefined ? ', ' : ' or ')})`
}
