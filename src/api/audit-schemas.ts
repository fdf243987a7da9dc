/** The shape of `/api/v1/audit`. */
import { z } from 'zod'

export const auditQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .optional()
    .describe('next of the page before'),
})

export const auditAnswer = z
  .object({
    audit: z.array(
      z.object({
        position: z.int().describe('in the chain'),
        at: z.string().describe('ISO 8601'),
        act: z.string().describe('such as vote approve or token create'),
        by: z.string(),
        verified: z.boolean().nullable().describe('null: nothing tells whether a login stood behind the name'),
        via: z.string().nullable(),
        subject: z.string().nullable().describe('what it was about: a service, a name, an id'),
        detail: z.record(z.string(), z.unknown()),
        hash: z.string().describe('SHA-256 over the hash of the row before and this one'),
      }),
    ),
    next: z.string().nullable(),
  })
  .meta({ id: 'Audit' })
