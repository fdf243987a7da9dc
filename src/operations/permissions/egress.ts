import type { Config } from '../../config'
import type { HealthCheck } from '../../domain/health-check'

type Env = Readonly<Record<string, string | undefined>>
type Process = 'worker' | 'server'

/** A way out that a firewall must leave open. */
export interface Egress {
  from: Process[]
  /** host:port; `${NAME}` where the environment doesn't say it */
  to: string
  use: string
}

const ports: Readonly<Record<string, string>> = {
  'https:': '443',
  'http:': '80',
  'postgres:': '5432',
  'postgresql:': '5432',
  'mysql:': '3306',
  'mariadb:': '3306',
  'smtps:': '465',
  'smtp:': '587',
}

/** Host and port, and never more of an address: the rest may be secret. Undefined for what is none. */
export function placeOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const { protocol, hostname, port } = new URL(address)
  const known = port || ports[protocol]
  return hostname && known ? `${hostname}:${known}` : undefined
}

const reference = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}/

/** Of an address that may begin with a reference. */
function placeIn(text: string, env: Env): string {
  const [, name] = reference.exec(text) ?? []
  const value = text.replace(reference, () => env[name ?? '']?.trim() ?? '')
  return placeOf(value) ?? (name === undefined ? text : `\${${name}}`)
}

/** Every place that refit.yaml and the environment make worker and server connect to; each once. */
export function egressFor(config: Config, env: Env, temporal: string): Egress[] {
  const both: Process[] = ['worker', 'server']
  const worker: Process[] = ['worker']
  const found: Egress[] = [
    { from: both, to: placeIn('${DATABASE_URL}', env), use: 'the store' },
    { from: both, to: temporal, use: 'Temporal' },
    { from: worker, to: 'the API server of Kubernetes', use: 'the hub' },
    ...registries(config),
    ...alerts(config, env),
    ...config.hubs.map(({ name, url }) => ({ from: worker, to: placeIn(url, env), use: `hub ${name}, for promote` })),
    ...(config.heartbeat === undefined
      ? []
      : [{ from: worker, to: placeIn(config.heartbeat, env), use: 'the heartbeat' }]),
    ...config.policies.flatMap((policy) => ofPolicy(policy, env)),
    ...(config.server.oidc
      ? [{ from: ['server'] as Process[], to: placeIn(config.server.oidc.issuer, env), use: 'logins (OIDC)' }]
      : []),
    ...(env.OTEL_EXPORTER_OTLP_ENDPOINT
      ? [{ from: both, to: placeIn('${OTEL_EXPORTER_OTLP_ENDPOINT}', env), use: 'traces' }]
      : []),
  ]
  const once = new Map(found.map((each) => [`${each.to} ${each.use}`, each]))
  return [...once.values()]
}

function registries({ registries: rules }: Config): Egress[] {
  const use = 'tags and manifests, and what it names for tokens and blobs'
  return rules.map(({ host, insecure }) => {
    const name = host === 'docker.io' ? 'registry-1.docker.io' : host
    return { from: ['worker'], to: /:\d+$/.test(name) ? name : `${name}:${insecure ? 80 : 443}`, use }
  })
}

function alerts({ alerts: targets }: Config, env: Env): Egress[] {
  return targets.map((target) => {
    const from: Process[] = target.kind === 'slackBot' ? ['worker', 'server'] : ['worker']
    if (target.kind === 'slackBot')
      return { from, to: placeOf(env.REFIT_SLACK_API_URL ?? '') ?? 'slack.com:443', use: 'alerts and buttons (Slack)' }
    if (target.kind === 'email') return { from, to: placeIn(target.smtp, env), use: 'alerts (e-mail)' }
    return { from, to: placeIn(target.url, env), use: `alerts (${target.kind})` }
  })
}

function ofPolicy({ name, mode, migrations, health, gitops }: Config['policies'][number], env: Env): Egress[] {
  if (mode === 'watch') return []
  const to = (text: string, use: string): Egress => ({
    from: ['worker'],
    to: placeIn(text, env),
    use: `${use} (policy ${name})`,
  })
  return [
    ...migrations.flatMap(({ database, rehearse, backup }) => [
      ...(database === undefined ? [] : [to(`\${${database}}`, 'the database of a service')]),
      ...(rehearse === undefined ? [] : [to(`\${${rehearse.copy}}`, 'copies for rehearsals')]),
      ...(backup && 'http' in backup.check ? [to(backup.check.http, 'proof of a backup')] : []),
    ]),
    ...health.flatMap((check) => asked(check).map((text) => to(text, 'health'))),
    ...(gitops && URL.canParse(gitops.repository) ? [to(gitops.repository, 'commits')] : []),
  ]
}

const asked = (check: HealthCheck): string[] =>
  'url' in check ? [check.url] : 'prometheus' in check ? [check.prometheus] : []
