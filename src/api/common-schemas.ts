/** Shapes that many routes have in common. */
import { z } from 'zod'

/** Unlike the type of z.looseObject, that of a plain one takes interfaces, too: what comes out may grow. */
export const open = <Shape extends z.ZodRawShape>(shape: Shape) => z.looseObject(shape) as unknown as z.ZodObject<Shape>

export const instant = z.date().describe('ISO 8601')

/** No blanks and nothing that PostgreSQL or Temporal would refuse. */
export const name = z
  .string()
  .regex(/^[\x21-\x7e]{1,300}$/)
  .describe('visible ASCII letters')

export const serviceParams = z.object({ namespace: name, service: name })

export const planHash = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-f]{12,64}$/)
  .describe('at least the first 12 hex digits of the plan that is meant')

/** What people write. */
export const said = (description: string) =>
  z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .refine((text) => !/[\0\p{Surrogate}]/u.test(text), { error: 'has letters that nobody can write' })
    .describe(description)

export const at = (description: string) => z.iso.datetime({ offset: true }).describe(`${description}; with its offset`)

/** Which part of a long list. */
export const part = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('how many at most'),
  cursor: z.string().max(500).optional().describe('`next` of the part before'),
}

export const nextCursor = z.string().nullable().describe('the cursor of the next part; null at the end')

/** Of whatever may be repeated. */
export const repeatable = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .describe(
      'a request that is repeated within a day with the same key is answered as the first one, and does nothing',
    ),
})
