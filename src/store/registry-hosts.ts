import type { Knex } from 'knex'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { SharedHosts } from '../clients/contracts'

/** What the workers share about registry hosts: this second's requests, and who asked to be left alone. */
export function registryHostsIn(db: Knex): SharedHosts {
  const limiters = new Map<number, RateLimiterPostgres>()
  const limiterOf = (perSecond: number): RateLimiterPostgres => {
    const known = limiters.get(perSecond)
    if (known) return known
    const limiter = new RateLimiterPostgres({
      storeClient: db,
      storeType: 'knex',
      tableName: 'registry_rate',
      tableCreated: true,
      // One row for each host: there is nothing to clear.
      clearExpiredByTimeout: false,
      keyPrefix: '',
      points: perSecond,
      duration: 1,
    })
    limiters.set(perSecond, limiter)
    return limiter
  }
  return {
    async takePoints(host, perSecond, points) {
      try {
        await limiterOf(perSecond).consume(host, points)
        return 0
      } catch (error) {
        if (error instanceof RateLimiterRes) return Math.max(error.msBeforeNext, 1)
        throw error
      }
    },

    async blockedUntil(host) {
      const row = await db<{ host: string; blocked_until: Date }>('registry_host').where({ host }).first()
      return row?.blocked_until.getTime() ?? 0
    },

    async block(host, untilMs) {
      await db.raw(
        `insert into registry_host (host, blocked_until) values (?, ?)
         on conflict (host) do update set blocked_until = greatest(registry_host.blocked_until, excluded.blocked_until)`,
        [host, new Date(untilMs)],
      )
    },
  }
}
