import type { Pool } from 'pg'
import { LOCKS, tryLock } from './database'
import { log, messageOf, seconds, sleep } from './environment'
import { release } from './release'

let payments = 0

/** Whether this payment is the one in twenty that a bad release gets wrong. */
export const failsThisPayment = (): boolean => release.behaviour === 'fails-one-in-twenty' && ++payments % 20 === 0

/** Called at the process's start. */
export function maybeCrash(): void {
  if (release.behaviour !== 'crash-loop') return
  setTimeout(() => {
    console.error('Error: cannot read properties of undefined (reading "currency")')
    process.exit(1)
  }, 1_000)
}

/** Called when the container's only task begins, before anything of it is done. */
export function maybeFailInit(): void {
  if (release.behaviour === 'init-fails') throw new Error('cannot read the settings of this release')
}

/** Called at the process's start: takes memory until the kernel ends the container. */
export function maybeEatMemory(): void {
  if (release.behaviour !== 'out-of-memory') return
  const eaten: Buffer[] = []
  setInterval(() => eaten.push(Buffer.alloc(16 * 1024 * 1024, 1)), 50)
}

/** Whether a ready service says so: a flapping one does for 6 s, and doesn't for the next 6 s. */
export const saysReady = (): boolean =>
  release.behaviour !== 'flapping-readiness' || Math.floor(process.uptime() / 6) % 2 === 0

/** Resolves when the release lets the service become ready: at once, after a while, or never. */
export async function mayBecomeReady(): Promise<void> {
  if (release.behaviour === 'slow-start') await sleep(seconds('SLOW_START_SECONDS', 20))
  if (release.behaviour === 'never-ready') await new Promise<never>(() => undefined)
}

/**
 * Calls `turnSick` some time after readiness if the release does that. The pod that became ready as number SICK_POD (the
 * last of the replicas, so that the rollout is over by then) goes first, after SICK_AFTER_SECONDS; the others follow later.
 */
export async function maybeTurnSick(pool: Pool, turnSick: () => void): Promise<void> {
  if (release.behaviour !== 'sick-during-bake') return
  const first = (await ordinal(pool)) === Number(process.env.SICK_POD ?? 3)
  const after = first ? seconds('SICK_AFTER_SECONDS', 8) : seconds('SICK_OTHERS_AFTER_SECONDS', 60)
  await sleep(after)
  log('health turns DOWN')
  turnSick()
}

/** Called when the service is ready. */
export function maybeCrashLater(): void {
  if (release.behaviour !== 'crash-during-bake') return
  setTimeout(() => process.exit(1), seconds('CRASH_AFTER_SECONDS', 15))
}

/** 1 for the first pod of this release that became ready, 2 for the second, … kept by a lock for the process's life. */
async function ordinal(pool: Pool): Promise<number> {
  const client = await pool.connect()
  client.on('error', (error) => log('ordinal connection lost', { error: messageOf(error) }))
  let number = 1
  while (!(await tryLock(client, LOCKS.sick + number))) number++
  return number
}
