import { environmentOf } from '../../src/config/environment'

const url = 'postgres://refit:S3CRET@127.0.0.1:5432/refit'

it('needs only the database', () => {
  expect(environmentOf({ DATABASE_URL: url })).toEqual({
    databaseUrl: url,
    kubeconfig: undefined,
    logLevel: 'info',
    healthAddress: '',
    temporalMetricsAddress: '',
    serverAddress: { host: '127.0.0.1', port: 8080 },
    slackApiUrl: undefined,
    maxCachedWorkflows: 320,
  })
})

it('reads what differs per process', () => {
  const env = {
    DATABASE_URL: url,
    REFIT_KUBECONFIG: '/k',
    REFIT_LOG_LEVEL: 'debug',
    REFIT_HEALTH_ADDRESS: '[::1]:8080',
    REFIT_TEMPORAL_METRICS_ADDRESS: '0.0.0.0:9466',
    REFIT_SERVER_ADDRESS: '0.0.0.0:80',
    REFIT_SLACK_API_URL: 'http://127.0.0.1:1/api/',
    REFIT_MAX_CACHED_WORKFLOWS: '10',
    TEMPORAL_DEPLOYMENT_NAME: 'refit',
    TEMPORAL_WORKER_BUILD_ID: 'v0.2.0',
    REFIT_VERSIONING: 'pinned',
  }
  expect(environmentOf(env)).toEqual({
    databaseUrl: url,
    kubeconfig: '/k',
    logLevel: 'debug',
    healthAddress: '[::1]:8080',
    temporalMetricsAddress: '0.0.0.0:9466',
    serverAddress: { host: '0.0.0.0', port: 80 },
    slackApiUrl: 'http://127.0.0.1:1/api',
    maxCachedWorkflows: 10,
    deployment: { name: 'refit', buildId: 'v0.2.0', versioning: 'pinned' },
  })
})

it.each([
  [{}, 'DATABASE_URL is not set'],
  [{ DATABASE_URL: 'mysql://u:S3CRET@h/d' }, 'DATABASE_URL must be postgres://'],
  [{ DATABASE_URL: 'S3CRET' }, 'DATABASE_URL must be postgres://'],
  [{ DATABASE_URL: url, REFIT_LOG_LEVEL: 'loud' }, 'REFIT_LOG_LEVEL must be one of trace, debug'],
  [{ DATABASE_URL: url, REFIT_HEALTH_ADDRESS: '8080' }, 'REFIT_HEALTH_ADDRESS must be host:port'],
  [{ DATABASE_URL: url, REFIT_HEALTH_ADDRESS: 'h:99999' }, 'REFIT_HEALTH_ADDRESS must be host:port'],
  [{ DATABASE_URL: url, REFIT_TEMPORAL_METRICS_ADDRESS: 'h' }, 'REFIT_TEMPORAL_METRICS_ADDRESS must be host:port'],
  [{ DATABASE_URL: url, REFIT_SERVER_ADDRESS: 'localhost' }, 'REFIT_SERVER_ADDRESS must be host:port'],
  [{ DATABASE_URL: url, REFIT_MAX_CACHED_WORKFLOWS: '9' }, 'REFIT_MAX_CACHED_WORKFLOWS must be a whole number from 10'],
  [{ DATABASE_URL: url, REFIT_MAX_CACHED_WORKFLOWS: 'all' }, 'REFIT_MAX_CACHED_WORKFLOWS must be a whole number'],
  [{ DATABASE_URL: url, TEMPORAL_DEPLOYMENT_NAME: 'refit' }, 'must both be set, or neither'],
  [{ DATABASE_URL: url, TEMPORAL_WORKER_BUILD_ID: 'v1' }, 'must both be set, or neither'],
  [{ DATABASE_URL: url, REFIT_VERSIONING: 'pinned' }, 'REFIT_VERSIONING needs TEMPORAL_DEPLOYMENT_NAME'],
  [{ DATABASE_URL: url, REFIT_VERSIONING: 'latest' }, 'REFIT_VERSIONING must be one of auto-upgrade, pinned'],
])('refuses %j', (env, expected) => {
  const read = () => environmentOf(env)
  expect(read).toThrow(expected)
  expect(read).not.toThrow(/S3CRET/)
})

it('names all that is wrong at once', () => {
  expect(() => environmentOf({ REFIT_LOG_LEVEL: 'loud' })).toThrow('2 problems')
})
