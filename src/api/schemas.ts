/** The shapes that go in and out over HTTP; the OpenAPI document and the types are made of them. */
import { z } from 'zod'
import { errorCodes } from '../domain/errors'
import { imageWatcherStrategies } from '../operations/latest-image'

/** RFC 9457; `type` is left out, which means about:blank. */
export const problem = z
  .object({
    title: z.string().describe('what the status means'),
    status: z.int(),
    code: z.enum(errorCodes).describe('what programs look at'),
    detail: z.string().describe('what failed and why'),
    next: z.string().optional().describe('what to do'),
  })
  .meta({ id: 'Problem' })
export type Problem = z.output<typeof problem>

/** One entry per status, for the document. */
export const problems = <const Statuses extends Record<number, string>>(statuses: Statuses) =>
  Object.fromEntries(
    Object.entries(statuses).map(([status, description]) => [
      status,
      { description, content: { 'application/problem+json': { schema: problem } } },
    ]),
  )

export const imageParams = z.object({
  org: z.string().describe('such as mojaloop'),
  image: z.string().describe('such as central-ledger'),
  tag: z.string().describe('the tag that runs, such as v11.0.0'),
})

const strategyAllowed = `must be ${imageWatcherStrategies.slice(0, -1).join(', ')} or ${imageWatcherStrategies.at(-1)}, in lower case`

export const imageQuery = z.object({
  strategy: z
    .enum(imageWatcherStrategies, { error: strategyAllowed })
    .default('bugfix')
    .describe('patch is a hot-fix of the same x.y.z; bugfix is the z of x.y.z'),
})

export const imageAnswer = z
  .object({
    tag: z.string().describe('the newest that the strategy allows; the one asked with when nothing newer is'),
    fullImage: z.string().describe('org/image:tag'),
  })
  .meta({ id: 'LatestImage' })

export const webhookParams = z.object({
  kind: z.string().describe('distribution, dockerhub, harbor, ghcr or quay'),
  key: z.string().describe('as refit webhooks prints it'),
})

export const webhookAnswer = z
  .object({ recognised: z.int().describe('how many of the repositories that were pushed to Refit knows') })
  .meta({ id: 'WebhookAnswer' })

export const healthAnswer = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })
