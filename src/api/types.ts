import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Registry } from 'prom-client'
import type { Config } from '../config'
import type { Change } from '../domain/change-topic'
import type { AuditStore } from '../operations/audit'
import type { Cluster } from '../operations/cluster'
import type { HubCodec } from '../operations/codec'
import type { HintParts } from '../operations/hint'
import type { HubStore, Settings } from '../operations/hub-store'
import type { OidcProvider } from '../operations/oidc'
import type { SessionStore } from '../operations/sessions'
import type { HubTemporal } from '../operations/temporal'

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

/** Whoever hears of changes in the store. */
export interface ChangeListener {
  changed: (change: Change) => void
  /** something may have been missed */
  missed: () => void
}

/** What Prometheus gets; routes count into `registry`. */
export interface ApiMetrics {
  registry: Registry
  contentType: string
  text(): Promise<string>
}

/** What the routes act through. */
export interface ApiDeps {
  config: Config
  store: HubStore & SessionStore & AuditStore
  temporal: HintParts['temporal']
  /** where people log in; undefined where refit.yaml names none */
  oidc?: OidcProvider | undefined
  /** where votes go; connects when it is first asked for */
  hubTemporal: () => Promise<HubTemporal>
  /** encrypts and decrypts payloads for the Web UI and the CLI of Temporal; absent: nothing is encrypted */
  codec?: HubCodec | undefined
  /** the hub's namespace in Temporal, for links */
  temporalNamespace: string
  /** the hub itself, for what looks at it; throws KUBERNETES_FORBIDDEN where this server has no rights in it */
  cluster: () => Promise<Cluster>
  /** the server's, with the addresses of databases that policies name */
  environment: Readonly<Record<string, string | undefined>>
  /** refit.yaml as it is understood, without any secret */
  settings: Settings
  /** hears what changes in the store, until it is closed */
  changes: (listener: ChangeListener) => { close: () => Promise<void> }
  /** how often a stream of changes says that it is there, and looks whether its login still is; 15 s unless given */
  changesPingMs?: number | undefined
  /** tells a Slack user what became of a button; the address came with the request and is theirs to check */
  answerSlack: (responseUrl: string, text: string) => Promise<void>
  /** absent: nothing is counted, and there is no /metrics */
  metrics?: ApiMetrics
  /** `requests` makes them spans; absent: nobody wants traces */
  traces?: { requests?: (app: Api) => void }
}
