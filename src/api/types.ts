import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Registry } from 'prom-client'
import type { Config } from '../config'
import type { ExplainParts } from '../operations/explain'
import type { HintParts } from '../operations/hint'
import type { PromotionDeps } from '../operations/promotions'
import type { LatestImageStore } from '../operations/latest-image'
import type { VoteTemporal } from '../operations/send-vote'
import type { SlackDeps } from '../operations/slack-action'
import type { StatusStore } from '../operations/status'
import type { TokenStore } from '../operations/tokens'
import type { VoteDeps } from '../operations/vote'

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

/** The part of the store that the routes use. */
export interface ApiStore {
  repositories: LatestImageStore['repositories'] & ExplainParts['store']['repositories']
  decisions: ExplainParts['store']['decisions']
  scans: StatusStore['scans'] & PromotionDeps['store']['scans']
  quarantine: StatusStore['quarantine']
  freezes: StatusStore['freezes']
  schedules: StatusStore['schedules']
  workers: StatusStore['workers']
  data: StatusStore['data']
  diagnoses: StatusStore['diagnoses']
  upgrades: StatusStore['upgrades'] & SlackDeps['store']['upgrades'] & PromotionDeps['store']['upgrades']
  plans: VoteDeps['store']['plans']
  votes: VoteDeps['store']['votes']
  tokens: Pick<TokenStore['tokens'], 'find'>
  /** throws DATABASE_UNAVAILABLE, or says how many migrations are pending */
  check(): Promise<{ pending: number }>
}

/** What Prometheus gets; routes count into `registry`. */
export interface ApiMetrics {
  registry: Registry
  contentType: string
  text(): Promise<string>
}

/** What the routes act through. */
export interface ApiDeps {
  config: Pick<Config, 'alerts' | 'billOfMaterials' | 'hub' | 'people' | 'policies' | 'scan' | 'webhooks'>
  store: ApiStore
  temporal: HintParts['temporal']
  /** where votes go; connects when it is first asked for */
  hubTemporal: () => Promise<VoteTemporal>
  /** tells a Slack user what became of a button; the address came with the request and is theirs to check */
  answerSlack: (responseUrl: string, text: string) => Promise<void>
  /** absent: nothing is counted, and there is no /metrics */
  metrics?: ApiMetrics
  /** `requests` makes them spans; absent: nobody wants traces */
  traces?: { requests?: (app: Api) => void }
}
