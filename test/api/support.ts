/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { createHmac } from 'node:crypto'
import pino from 'pino'
import { createApp } from '../../src/api/app'
import type { Api, ApiDeps } from '../../src/api/types'
import type { Webhook } from '../../src/config'
import type { Decision } from '../../src/domain/decision'
import { parseImage } from '../../src/domain/image'
import type { ScannedRepository } from '../../src/operations/known-repositories'
import type { ServiceKey } from '../../src/store/contracts'
import { webhookPath } from '../../src/operations/webhook-key'
import { config as hubConfig, fakeStore, fakeTemporal } from '../operations/support'
import { apiParts } from '../support/api-parts'

export interface Known {
  tags?: string[]
  /** now unless told */
  readAt?: Date | null
  doubted?: object
  error?: ScannedRepository['error']
}

/** A store that knows these repositories. */
export function memoryStore(known: Record<string, Known> = {}, decided: Record<string, Decision & { at: Date }> = {}) {
  const asked: string[] = []
  const { store: other } = fakeStore({ decisions: Object.values(decided) })
  const store = {
    ...other,
    repositories: {
      byPath: async (path: string) => {
        asked.push(path)
        return Object.entries(known)
          .filter(([repository]) => parseImage(repository)?.path === path)
          .map(([repository, { error, readAt = new Date(), doubted = null }]) => ({
            ...{ repository, error, readAt, doubted },
          }))
      },
      read: async () => new Map(),
      tags: async (repository: string) => known[repository]?.tags,
    },
    decisions: {
      ...other.decisions,
      read: async ({ namespace, service }: ServiceKey) => decided[`${namespace}/${service}`],
    },
    check: async () => ({ pending: 0 }),
  } as unknown as ApiDeps['store']
  return { store, asked }
}

export interface Served {
  app: Api
  /** what was logged, as JSON lines */
  log: () => string
  /** scans that were asked for */
  scans: string[][]
}

const apps: Api[] = []
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()))
})

/** An API over these parts; closed after the test. */
export async function serve(
  deps: Partial<Omit<ApiDeps, 'config'>> &
    Partial<ApiDeps['config']> & { isLocal?: boolean; insecureLocal?: string } = {},
): Promise<Served> {
  const lines: string[] = []
  const scans: string[][] = []
  const { webhooks = [], policies = [], people = [], alerts = [], isLocal = true, store = memoryStore().store } = deps
  const { server = hubConfig.server, insecureLocal } = deps
  const temporal = deps.temporal ?? { scanRepositories: async (repositories) => void scans.push(repositories) }
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
  const app = await createApp(
    {
      config: {
        ...{ webhooks, policies, people, alerts, server, temporalUi: deps.temporalUi },
        ...{ hub: hubConfig.hub, scan: { everyMs: 300_000 } },
      } as unknown as ApiDeps['config'],
      ...{ ...apiParts(), store, temporal, oidc: deps.oidc },
      ...(deps.settings ? { settings: deps.settings } : {}),
      ...(deps.cluster ? { cluster: deps.cluster } : {}),
      ...(deps.changes ? { changes: deps.changes } : {}),
      changesPingMs: deps.changesPingMs,
      ...(deps.answerSlack ? { answerSlack: deps.answerSlack } : {}),
      hubTemporal: deps.hubTemporal ?? (async () => fakeTemporal().temporal),
      ...(deps.metrics ? { metrics: deps.metrics } : {}),
      codec: deps.codec,
      ...(deps.temporalNamespace === undefined ? {} : { temporalNamespace: deps.temporalNamespace }),
      ...(deps.traces ? { traces: deps.traces } : {}),
    },
    { logger, version: '1.2.3', isLocal, ...(insecureLocal === undefined ? {} : { insecureLocal }) },
  )
  apps.push(app)
  return { app, log: () => lines.join(''), scans }
}

export const secret = 'S3CRET-0123456789'
export const hook = (kind: Webhook['kind'], host?: string): Webhook => ({ kind, secret, host })

export const signed = (body: string, key = secret): string =>
  `sha256=${createHmac('sha256', key).update(body).digest('hex')}`

/** What a registry of this kind sends with its body to show that it knows the secret. */
const proofs: Readonly<Record<Webhook['kind'], (body: string) => Record<string, string>>> = {
  distribution: () => ({ authorization: `Bearer ${secret}` }),
  dockerhub: () => ({}),
  harbor: () => ({ authorization: secret }),
  ghcr: (body) => ({ 'x-hub-signature-256': signed(body) }),
  quay: () => ({}),
}

/** Sends an event as its registry would; `changed` is laid over. */
export function send(
  app: Api,
  kind: Webhook['kind'],
  event: unknown,
  changed: { url?: string; headers?: Record<string, string>; body?: string } = {},
) {
  const payload = changed.body ?? JSON.stringify(event)
  const headers = { 'content-type': 'application/json', ...proofs[kind](payload), ...changed.headers }
  return app.inject({ method: 'POST', url: changed.url ?? webhookPath(hook(kind)), headers, payload })
}
