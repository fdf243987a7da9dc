/** The shapes of `/api/v1/tokens`. */
import { z } from 'zod'
import { scopes } from '../domain/people'
import { instant, name, open } from './common-schemas'

export const tokenParams = z.object({ id: name })

export const tokensAnswer = z
  .object({
    tokens: z.array(
      open({
        id: z.string(),
        name: z.string(),
        scope: z.enum(scopes),
        state: z.enum(['live', 'expired', 'revoked']),
        createdAt: instant,
        createdBy: z.string(),
        expiresAt: instant.nullable(),
        lastUsedAt: instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'Tokens' })

export const revokedAnswer = z.object({ id: z.string(), revokedBy: z.string() }).meta({ id: 'RevokedToken' })
