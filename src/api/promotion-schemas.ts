import { z } from 'zod'

/** Which image another hub asks about. */
export const promotionQuery = z.object({
  repository: z.string().min(1).max(300).describe('without the registry host, such as hub/ledger'),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .describe('of the candidate'),
})

const instant = z.iso.datetime()

/** The succeeded upgrades of it here. */
export const promotionAnswer = z
  .object({
    hub: z.object({ name: z.string(), environment: z.string() }),
    at: instant.describe('by the clock that all instants here are told by'),
    upgrades: z.array(
      z.object({
        namespace: z.string(),
        service: z.string(),
        planHash: z.string(),
        from: z.string(),
        to: z.string(),
        migrations: z.string().describe('SHA-256 of what its migrations run, in hex'),
        succeededAt: instant,
        replacedAt: instant.nullable().describe('when a later upgrade of the service succeeded'),
        runs: z.boolean().describe('by the last scan'),
      }),
    ),
  })
  .meta({ id: 'Promotions' })
