import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import pLimit from 'p-limit'
import type { HostLimits, SharedHosts } from '../contracts'
import { busy } from './failures'
import { sleep } from './sleep'

/** Whoever would wait longer for a blocked host is told so at once. */
const maxWaitMs = 3_000
/** A shared window's points are good for as long as the window. */
const windowMs = 1_000
/** How old the knowledge of another worker's block may be. */
const blockKnownMs = 1_000
/** The store must not hold up reading. */
const patienceMs = 1_000
const storeAwayMs = 5_000

interface HostState {
  blockedUntil: number
  /** when the store was last asked for a block */
  blockReadAt: number
  reading: Promise<void> | undefined
  /** points taken and not yet used */
  credit: number
  creditUntil: number
  lastTaken: number
  gate: ReturnType<typeof pLimit>
}

/** Limits of this process alone, or, with the store, of all workers together. Without the store for a while: of this process. */
export function hostLimits(shared?: SharedHosts): HostLimits {
  const states = new Map<string, HostState>()
  const alone = new Map<number, RateLimiterMemory>()
  let storeAwayUntil = 0

  const stateOf = (host: string): HostState => {
    const known = states.get(host)
    if (known) return known
    const state = { blockedUntil: 0, blockReadAt: 0, reading: undefined, credit: 0, ...noCredit, gate: pLimit(1) }
    states.set(host, state)
    return state
  }

  /** Undefined when the store is away. */
  const ask = async <T>(question: (store: SharedHosts) => Promise<T>): Promise<T | undefined> => {
    if (!shared || Date.now() < storeAwayUntil) return undefined
    try {
      return await within(patienceMs, question(shared))
    } catch {
      storeAwayUntil = Date.now() + storeAwayMs
      return undefined
    }
  }

  const readBlock = (host: string, state: HostState): Promise<void> =>
    (state.reading ??= ask((store) => store.blockedUntil(host))
      .then((until = 0) => {
        state.blockedUntil = Math.max(state.blockedUntil, until)
        state.blockReadAt = Date.now()
      })
      .finally(() => (state.reading = undefined)))

  const whenOpen = async (host: string, state: HostState, signal?: AbortSignal): Promise<void> => {
    if (shared && Date.now() - state.blockReadAt > blockKnownMs) {
      const reading = readBlock(host, state)
      if (state.blockReadAt === 0) await reading
    }
    for (let now = Date.now(); state.blockedUntil > now; now = Date.now()) {
      if (state.blockedUntil - now > maxWaitMs) throw busy(host, state.blockedUntil, now)
      // Not all at the same moment.
      await sleep(state.blockedUntil - now + Math.random() * 200, signal)
    }
  }

  const takeAlone = async (host: string, perSecond: number, points: number): Promise<number> => {
    const limiter = alone.get(perSecond) ?? new RateLimiterMemory({ points: perSecond, duration: windowMs / 1_000 })
    alone.set(perSecond, limiter)
    return waitOf(limiter.consume(host, points))
  }

  const acquire = async (host: string, state: HostState, perSecond: number, count: number, signal?: AbortSignal) => {
    for (;;) {
      signal?.throwIfAborted()
      await whenOpen(host, state, signal)
      if (useCredit(state, count)) return
      // At first as many as wait; twice as many as last time while they are used up at once, because each question to the
      // store holds up all of them. Never so many that other workers get none.
      const most = Math.max(count, Math.floor(perSecond / 10))
      const isBusy = Date.now() < state.creditUntil
      const points = Math.min(Math.max(count, state.gate.pendingCount + 1, isBusy ? state.lastTaken * 2 : 0), most)
      const wait =
        (await ask((store) => store.takePoints(host, perSecond, points))) ?? (await takeAlone(host, perSecond, points))
      if (wait === 0) {
        state.credit = points
        state.lastTaken = points
        state.creditUntil = Date.now() + windowMs
      } else await sleep(Math.min(wait, windowMs) + Math.random() * 50, signal)
    }
  }

  return {
    async take(host, perSecond, count, signal) {
      const state = stateOf(host)
      await whenOpen(host, state, signal)
      if (perSecond === 0 || useCredit(state, count)) return
      await state.gate(() => acquire(host, state, perSecond, Math.min(count, perSecond), signal))
    },
    async block(host, untilMs) {
      const state = stateOf(host)
      state.blockedUntil = Math.max(state.blockedUntil, untilMs)
      await ask((store) => store.block(host, untilMs))
    },
  }
}

const noCredit = { creditUntil: 0, lastTaken: 0 }

function useCredit(state: HostState, count: number): boolean {
  if (state.credit < count || Date.now() >= state.creditUntil) return false
  state.credit -= count
  return true
}

/** 0, or the milliseconds until the limiter has points again. */
async function waitOf(consumed: Promise<RateLimiterRes>): Promise<number> {
  try {
    await consumed
    return 0
  } catch (error) {
    if (error instanceof RateLimiterRes) return Math.max(error.msBeforeNext, 1)
    throw error
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the store is slow')), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
