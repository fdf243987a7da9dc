import { parseAddress, type Address } from '../domain/address'
import { RefitError } from '../domain/errors'

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
type LogLevel = (typeof logLevels)[number]

/** What comes from the environment only, because it differs per process or is secret. TEMPORAL_* is read by @temporalio/envconfig. */
export interface Environment {
  /** DATABASE_URL: Refit's own store */
  databaseUrl: string
  /** REFIT_KUBECONFIG: a file; absent means the pod's service account, never the ambient KUBECONFIG */
  kubeconfig: string | undefined
  /** REFIT_LOG_LEVEL */
  logLevel: LogLevel
  /** REFIT_HEALTH_ADDRESS, `host:port` for /livez, /readyz and /metrics; empty means no server */
  healthAddress: string
  /** REFIT_TEMPORAL_METRICS_ADDRESS, `host:port` where the SDK of Temporal answers Prometheus itself; empty means nowhere */
  temporalMetricsAddress: string
  /** REFIT_SERVER_ADDRESS: where the HTTP server listens; on this machine only unless given */
  serverAddress: Address
  /** REFIT_SLACK_API_URL: another address of Slack's Web API, for tests */
  slackApiUrl: string | undefined
  /**
   * REFIT_MAX_CACHED_WORKFLOWS: how many workflows a worker keeps in memory. One that isn't there is replayed from its
   * history when something happens to it.
   */
  maxCachedWorkflows: number
  /**
   * TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID, as Temporal's Worker Controller sets them: the version of a worker
   * deployment that this worker is of. Absent: any worker takes any task.
   */
  deployment: WorkerDeployment | undefined
}

export interface WorkerDeployment {
  name: string
  buildId: string
  /** REFIT_VERSIONING: whether what runs goes on with the current version, or with the one that it began with */
  versioning: Versioning
}

const versionings = ['auto-upgrade', 'pinned'] as const
type Versioning = (typeof versionings)[number]

/** With as many a worker stays below 512 MiB however many wait (docs/benchmarks.md). */
const defaultCachedWorkflows = 320

/** Reads and checks the environment; every bad variable is named in one CONFIG_INVALID, values never are. */
export function environmentOf(env: Readonly<Record<string, string | undefined>>): Readonly<Environment> {
  const problems: string[] = []
  const databaseUrl = env.DATABASE_URL?.trim() ?? ''
  if (!databaseUrl) problems.push('DATABASE_URL is not set; it is the PostgreSQL URL of the store of Refit')
  else if (!isPostgresUrl(databaseUrl))
    problems.push('DATABASE_URL must be postgres://user:password@host:port/database')

  const logLevel = env.REFIT_LOG_LEVEL?.trim() || 'info'
  if (!isLogLevel(logLevel)) problems.push(`REFIT_LOG_LEVEL must be one of ${logLevels.join(', ')}`)

  const healthAddress = env.REFIT_HEALTH_ADDRESS?.trim() ?? ''
  if (healthAddress && !parseAddress(healthAddress))
    problems.push('REFIT_HEALTH_ADDRESS must be host:port, such as 0.0.0.0:8080')

  const temporalMetricsAddress = env.REFIT_TEMPORAL_METRICS_ADDRESS?.trim() ?? ''
  if (temporalMetricsAddress && !parseAddress(temporalMetricsAddress))
    problems.push('REFIT_TEMPORAL_METRICS_ADDRESS must be host:port, such as 0.0.0.0:9466')

  const serverAddress = parseAddress(env.REFIT_SERVER_ADDRESS?.trim() || '127.0.0.1:8080')
  if (!serverAddress) problems.push('REFIT_SERVER_ADDRESS must be host:port, such as 127.0.0.1:8080')

  const slackApiUrl = env.REFIT_SLACK_API_URL?.trim().replace(/\/+$/, '') || undefined
  if (slackApiUrl !== undefined && !/^https?:\/\/[^/?#@]+(?:\/[^?#]*)?$/.test(slackApiUrl))
    problems.push('REFIT_SLACK_API_URL must be an http or https URL, such as https://slack.com/api')
  const cached = env.REFIT_MAX_CACHED_WORKFLOWS?.trim() || String(defaultCachedWorkflows)
  const maxCachedWorkflows = /^\d{1,6}$/.test(cached) ? Number(cached) : 0
  if (maxCachedWorkflows < 10) problems.push('REFIT_MAX_CACHED_WORKFLOWS must be a whole number from 10 to 999999')
  const deployment = deploymentOf(env, problems)

  if (problems.length > 0 || !serverAddress) {
    const list = problems.map((problem) => `\n  ${problem}`).join('')
    throw new RefitError(
      'CONFIG_INVALID',
      `The environment has ${counted(problems.length)}:${list}\n`,
      'Set what is named.',
    )
  }
  return Object.freeze({
    databaseUrl,
    kubeconfig: env.REFIT_KUBECONFIG?.trim() || undefined,
    logLevel: logLevel as LogLevel,
    healthAddress,
    temporalMetricsAddress,
    serverAddress,
    slackApiUrl,
    maxCachedWorkflows,
    deployment,
  })
}

function deploymentOf(
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): WorkerDeployment | undefined {
  const name = env.TEMPORAL_DEPLOYMENT_NAME?.trim()
  const buildId = env.TEMPORAL_WORKER_BUILD_ID?.trim()
  const said = env.REFIT_VERSIONING?.trim()
  const versioning = versionings.find((each) => each === (said || 'auto-upgrade'))
  if (!versioning) problems.push(`REFIT_VERSIONING must be one of ${versionings.join(', ')}`)
  if (name && buildId && versioning) return { name, buildId, versioning }
  if (name || buildId)
    problems.push('TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID must both be set, or neither')
  else if (said) problems.push('REFIT_VERSIONING needs TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID')
  return undefined
}

const isLogLevel = (value: string): value is LogLevel => (logLevels as readonly string[]).includes(value)

const counted = (count: number): string => `${count} problem${count === 1 ? '' : 's'}`

function isPostgresUrl(value: string): boolean {
  try {
    return /^postgres(ql)?:$/.test(new URL(value).protocol)
  } catch {
    return false
  }
}
