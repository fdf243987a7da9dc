import type { Kubernetes, Registry } from '../../clients/contracts'
import type { Config } from '../../config'
import { RefitError } from '../../domain/errors'
import type { Store } from '../../store/contracts'
import type { HubTemporal } from '../temporal'
import type { RunTool } from './tools'

export interface Check {
  name: string
  state: 'ok' | 'warn' | 'fail'
  /** what was found, in words */
  message: string
  /** what to do; null when it is ok */
  next: string | null
}

/** Each part is opened here, so that one that is wrong doesn't hide the others. */
export interface DoctorParts {
  config: () => Promise<Config>
  store: () => Promise<Store>
  temporal: () => Promise<HubTemporal>
  kubernetes: () => Promise<Kubernetes>
  registry: () => Promise<Registry>
  /** of refit.yaml as it is here */
  configHash?: () => string | undefined
  /** what policies name and is read when it is needed; absent: not looked at */
  environment?: Readonly<Record<string, string | undefined>>
  /** runs a program and gives its output; absent when nobody develops here */
  runTool?: RunTool
}

/** A check that found nothing wrong. */
export const ok = (name: string, message: string): Check => ({ name, state: 'ok', message, next: null })

/** A check that threw. */
export function failed(name: string, error: unknown): Check {
  const message = error instanceof Error ? error.message : String(error)
  return {
    name,
    state: 'fail',
    message: message.trimEnd(),
    next: (error instanceof RefitError && error.next) || 'Set REFIT_DEBUG=1 to see where it happened.',
  }
}
