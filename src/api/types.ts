import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Config } from '../config'
import type { ExplainParts } from '../operations/explain'
import type { HintParts } from '../operations/hint'
import type { LatestImageStore } from '../operations/latest-image'

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

/** The part of the store that the routes use. */
export interface ApiStore {
  repositories: LatestImageStore['repositories'] & ExplainParts['store']['repositories']
  decisions: ExplainParts['store']['decisions']
  /** throws DATABASE_UNAVAILABLE, or says how many migrations are pending */
  check(): Promise<{ pending: number }>
}

/** What the routes act through. */
export interface ApiDeps {
  config: Pick<Config, 'webhooks' | 'policies' | 'scan'>
  store: ApiStore
  temporal: HintParts['temporal']
}
