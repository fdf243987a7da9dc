import { scopes } from '../domain/people'
import { graceKeys } from '../domain/policy'
import { authKinds } from './registry'

/** Key names of refit.yaml by the object they stand in (indices left out): for "did you mean". */
const knownKeys: Readonly<Record<string, readonly string[]>> = {
  '': [
    'hub',
    'scan',
    'supported',
    'billOfMaterials',
    'registries',
    'policies',
    'order',
    'releases',
    'upgradesAtOnce',
    'people',
    'hubs',
    'alerts',
    'digestAt',
    'heartbeat',
    'temporalUi',
    'webhooks',
    'server',
  ],
  hub: ['name', 'environment'],
  scan: ['every'],
  supported: ['release', 'images', 'line', 'until'],
  registries: ['host', 'insecure', 'requestsPerSecond', 'auth'],
  'registries.auth': authKinds,
  policies: [
    'name',
    'select',
    'mode',
    'strategy',
    'prerelease',
    'hotfixes',
    'minimumAge',
    'settle',
    'firstScan',
    'platforms',
    'approval',
    'emergency',
    'promote',
    'signatures',
    'windows',
    'freezes',
    'whenWindowCloses',
    'expectedDuration',
    'migrations',
    'acceptRestartRisk',
    'rollout',
    'health',
    'helmDrift',
    'gitops',
  ],
  'policies.select': ['namespaces', 'images'],
  'policies.settle': ['for', 'atMost'],
  'policies.strategy': ['range', 'filter', 'extract', 'order'],
  'policies.approval': ['required', 'makerChecker', 'groups', 'unverified', 'expires', 'escalate', 'changeReference'],
  'policies.approval.changeReference': ['required', 'pattern'],
  'policies.promote': ['from', 'bakedFor'],
  'policies.signatures': ['cosign'],
  'policies.signatures.cosign': ['key', 'keyless'],
  'policies.signatures.cosign.keyless': ['issuer', 'identity', 'trustedRoot'],
  'policies.windows': ['cron', 'rrule', 'from', 'duration', 'timeZone', 'except'],
  'policies.freezes': ['from', 'to', 'timeZone'],
  'policies.migrations': [
    'kind',
    'command',
    'deadline',
    'directory',
    'database',
    'path',
    'table',
    'startUp',
    'rehearse',
    'overrides',
    'backfill',
    'contract',
    'backup',
  ],
  'policies.migrations.rehearse': ['copy', 'env'],
  'policies.migrations.contract': ['approval', 'users'],
  'policies.migrations.contract.approval': ['required', 'groups', 'expires'],
  'policies.migrations.contract.users': ['service', 'version'],
  'policies.migrations.backup': ['maxAge', 'check'],
  'policies.migrations.backup.check': ['command', 'file', 'http'],
  'policies.rollout': [
    'bake',
    'stall',
    'deadline',
    'maxUnavailable',
    'canary',
    'canaryBake',
    'steps',
    'graces',
    'order',
    'readinessProbe',
    'drain',
    'imageContract',
  ],
  'policies.rollout.steps': ['percent', 'bake'],
  'policies.rollout.graces': graceKeys,
  'policies.gitops': ['repository', 'insecure', 'branch', 'file', 'path', 'user', 'token', 'author', 'syncWithin'],
  'policies.health': [
    'http',
    'port',
    'url',
    'expect',
    'prometheus',
    'token',
    'query',
    'max',
    'min',
    'worse',
    'over',
    'samples',
    'job',
  ],
  'policies.health.expect': ['status', 'version', 'code', 'json', 'latency'],
  'policies.health.job': ['command', 'deadline'],
  order: ['first', 'then'],
  releases: ['approval', 'onFailure'],
  people: ['name', 'slack', 'groups'],
  hubs: ['name', 'url', 'token'],
  alerts: ['slack', 'slackBot', 'webhook', 'signedWith', 'alertmanager', 'email', 'on', 'format', 'allowPrivate'],
  'alerts.slackBot': ['token', 'channel', 'signingSecret'],
  'alerts.email': ['smtp', 'from', 'to'],
  digestAt: ['times', 'timeZone'],
  webhooks: ['kind', 'secret', 'host'],
  server: ['url', 'session', 'requestsPerMinute', 'trustedProxies', 'oidc'],
  'server.session': ['lifetime', 'idle'],
  'server.oidc': [
    'issuer',
    'clientId',
    'clientSecret',
    'audience',
    'requestScopes',
    'nameClaim',
    'groupsClaim',
    'scopes',
  ],
  'server.oidc.scopes': scopes,
}

/** What is wrong with a key that nobody reads, with the known one that was meant. */
export function unknownKeyWords(parent: string, key: string): string {
  if (parent === 'policies' && key === 'channel') return 'is called prerelease'
  const suggestion = nearest(parent, key)
  return suggestion ? `is not a known key; did you mean ${suggestion}?` : 'is not a known key'
}

/** The known key that is most like this one, if one is like it at all. */
function nearest(parent: string, key: string): string | undefined {
  const ranked = (knownKeys[parent] ?? [])
    .map((known) => ({ known, distance: distanceOf(key.toLowerCase(), known.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(1, Math.floor(key.length / 3)) ? best.known : undefined
}

/** How many letters must be changed, added or removed (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)))
    row = next
  }
  return row.at(-1) ?? 0
}
