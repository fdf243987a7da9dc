import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Config } from '../config'
import type { AuditStore } from '../operations/audit'
import type { ExplainParts } from '../operations/explain'
import type { HintParts } from '../operations/hint'
import type { OidcProvider } from '../operations/oidc'
import type { PromotionDeps } from '../operations/promotions'
import type { LatestImageStore } from '../operations/latest-image'
import type { VoteTemporal } from '../operations/send-vote'
import type { SessionStore } from '../operations/sessions'
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
  sessions: SessionStore['sessions']
  audit: AuditStore['audit']
  /** throws DATABASE_UNAVAILABLE, or says how many migrations are pending */
  check(): Promise<{ pending: number }>
}

/** What the routes act through. */
export interface ApiDeps {
  config: Pick<Config, 'alerts' | 'billOfMaterials' | 'hub' | 'people' | 'policies' | 'scan' | 'server' | 'temporalUi' | 'webhooks'>
  store: ApiStore
  temporal: HintParts['temporal']
  /** where people log in; undefined where refit.yaml names none */
  oidc?: OidcProvider | undefined
  /** where votes go; connects when it is first asked for */
  hubTemporal: () => Promise<VoteTemporal>
  /** tells a Slack user what became of a button; the address came with the request and is theirs to check */
  answerSlack: (responseUrl: string, text: string) => Promise<void>
}
