import type { Pool } from 'pg'
import { mayBecomeReady, maybeCrash, maybeCrashLater, maybeEatMemory, maybeTurnSick, saysReady } from './behaviour'
import { reachable } from './database'
import { log, messageOf, seconds, sleep } from './environment'
import { createServer, type Answer, type Route } from './http'
import { release } from './release'

export interface Check {
  name: string
  isUp: () => Promise<boolean> | boolean
}

export interface ServiceOptions {
  name: string
  pool: Pool
  routes: Route[]
  checks: Check[]
  /** resolves when the service's own work is under way; it is not ready before */
  start?: () => Promise<void>
  /** ends the service's own work */
  stop?: () => Promise<void>
  /** how long requests are still served after SIGTERM, while endpoints are withdrawn */
  drainMs: number
}

/** Serves until SIGTERM, then drains and exits with 0. `/health` is Mojaloop's; probes use `/live` and `/ready`. */
export async function runService(options: ServiceOptions): Promise<void> {
  const state = { ready: false, draining: false, sick: false }
  const startTime = new Date().toISOString()
  const probes: Route[] = [
    // Apart from /health, so that a sick dependency restarts nobody.
    { method: 'GET', path: /^\/live$/, handle: () => ({ status: 200, body: { live: true } }) },
    { method: 'GET', path: /^\/ready$/, handle: () => readiness(state) },
    { method: 'GET', path: /^\/health$/, handle: () => health(options.checks, state, startTime) },
  ]
  const server = createServer([...options.routes, ...probes], () => state.draining)
  const stopping = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })
  maybeCrash()
  maybeEatMemory()
  server.listen(Number(process.env.PORT ?? 3001))
  log('started', { service: options.name, version: release.version })

  void becomeReady(options, state).catch((error: unknown) => {
    log('cannot start', { error: messageOf(error) })
    process.exit(1)
  })

  await stopping
  state.draining = true
  log('draining', { ms: options.drainMs })
  await options.stop?.()
  await sleep(options.drainMs)
  await new Promise((resolve) => server.close(resolve))
  log('stopped')
  process.exit(0)
}

/** DRAIN_SECONDS, by default longer than it takes to withdraw an endpoint from every node. */
export const drainMs = (): number => seconds('DRAIN_SECONDS', 4)

async function becomeReady(options: ServiceOptions, state: { ready: boolean; sick: boolean }): Promise<void> {
  await reachable(options.pool)
  await mayBecomeReady()
  await options.start?.()
  state.ready = true
  log('ready')
  maybeCrashLater()
  await maybeTurnSick(options.pool, () => (state.sick = true))
}

function readiness(state: { ready: boolean; draining: boolean }): Answer {
  const ready = state.ready && saysReady() && !state.draining
  return { status: ready ? 200 : 503, body: { ready } }
}

async function health(checks: Check[], state: { ready: boolean; sick: boolean }, startTime: string): Promise<Answer> {
  const services = await Promise.all(
    checks.map(async ({ name, isUp }) => ({ name, status: !state.sick && (await up(isUp)) ? 'OK' : 'DOWN' })),
  )
  const ok = state.ready && services.every(({ status }) => status === 'OK')
  const body = {
    status: ok ? 'OK' : 'DOWN',
    uptime: process.uptime(),
    startTime,
    versionNumber: release.version,
    services,
  }
  return { status: ok ? 200 : 502, body }
}

async function up(isUp: Check['isUp']): Promise<boolean> {
  try {
    return await isUp()
  } catch {
    return false
  }
}
