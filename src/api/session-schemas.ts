/** Who is logged in, as the page asks before anything else. */
import { z } from 'zod'
import { personVias, scopes } from '../domain/people'

export const sessionAnswer = z
  .object({
    hub: z.object({ name: z.string(), environment: z.string() }),
    version: z.string(),
    oidc: z.boolean().describe('people may log in at /auth/oidc'),
    insecureLocal: z.boolean().describe('who asks from this machine needs no login: every page must say so'),
    temporalUi: z.string().nullable().describe('base URL of the Temporal Web UI, for who is logged in'),
    person: z
      .object({
        name: z.string(),
        groups: z.array(z.string()),
        scope: z.enum(scopes),
        via: z.enum(personVias),
      })
      .nullable()
      .describe('null: nobody is logged in'),
    csrf: z.string().nullable().describe('goes into the header x-csrf-token of everything that changes something'),
  })
  .meta({ id: 'Session' })

export const tokenBody = z.object({ token: z.string().trim().min(1).max(1_000).describe('of refit token create') })
