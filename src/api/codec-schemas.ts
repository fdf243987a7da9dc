/** Shapes of a codec server, which are those that Temporal's Web UI and CLI speak (protobuf's JSON). */
import { z } from 'zod'

const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/)
  .describe('base64')

export const payloads = z
  .object({
    payloads: z
      .array(z.object({ metadata: z.record(z.string().max(100), base64).optional(), data: base64.optional() }))
      .max(10_000)
      // Protobuf's JSON leaves an empty list out, and the CLI asks for one.
      .default([]),
  })
  .meta({ id: 'Payloads' })

export const codecHeaders = z.object({
  'x-namespace': z.string().optional().describe('the namespace that is looked at; it must be that of this hub'),
})
