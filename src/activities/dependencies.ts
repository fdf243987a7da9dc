import type { Logger } from 'pino'
import type { Kubernetes, Notifier, Registry } from '../clients/contracts'
import type { Promotions } from '../clients/promotion'
import type { OpenWorkflows } from '../clients/temporal'
import type { Config } from '../config'
import type { Store } from '../store/contracts'
import type { Meter } from './meter'

/** What activities act through; wired once in worker.ts. */
export interface Dependencies {
  config: Config
  store: Store
  kubernetes: Kubernetes
  registry: Registry
  notifiers: Notifier[]
  /** other hubs */
  promotions: Promotions
  workflows: OpenWorkflows
  /** the worker's environment, read only for the variables that policies name */
  environment: Readonly<Record<string, string | undefined>>
  logger: Logger
  /** absent: nothing is counted */
  meter?: Meter
}
