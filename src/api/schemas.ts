/** The shapes that go in and out over HTTP; the OpenAPI document and the types are made of them. */
import { z } from 'zod'
import { decisionKinds, verdicts } from '../domain/decision'
import { errorCodes } from '../domain/errors'
import { imageWatcherStrategies } from '../operations/latest-image'
import { serviceParams } from './common-schemas'

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

export const explainParams = serviceParams
export const explainQuery = z.object({ tag: z.string().optional().describe('only this one') })

const instant = z.date().describe('ISO 8601')
const epochMs = z.number().describe('epoch ms')
const link = z.string().optional().describe('by the image itself: for people to look at')

export const explainAnswer = z
  .object({
    namespace: z.string(),
    service: z.string(),
    decision: z.object({
      repository: z.string(),
      kind: z.enum(decisionKinds),
      current: z.string().describe('the tag that runs'),
      currentDigest: z.string().optional(),
      reason: z.string(),
      policy: z.string().optional(),
      mode: z.string().optional(),
      strategy: z.string().optional(),
      holds: z.array(z.string()).optional(),
      holdUntil: epochMs.optional(),
      doubted: z.literal(true).optional().describe('the tag list itself is suspicious'),
      badSignatures: z
        .array(z.object({ digest: z.string(), reason: z.string() }))
        .optional()
        .describe('tags whose signature can not be trusted'),
      lines: z.array(z.string()).optional().describe('supported lines'),
      candidate: z
        .object({
          tag: z.string(),
          digest: z.string(),
          security: z.string().optional(),
          since: z.object({ at: epochMs, source: z.enum(['refit', 'publisher']) }).optional(),
          promoted: z.object({ hub: z.string(), since: epochMs, planHash: z.string() }).optional(),
          signedBy: z.string().optional().describe('whose signature was found good'),
          changes: z
            .object({ source: link, compare: link, releaseNotes: link, changelog: link })
            .extend({ revision: link, version: link, created: epochMs.optional() })
            .extend({ change: link, migrations: link, todo: link, notes: link })
            .optional(),
        })
        .optional(),
      at: instant,
    }),
    policy: z
      .object({
        name: z.string(),
        position: z.int().describe('of the policies in refit.yaml, from 1'),
        mode: z.string(),
        strategy: z.string(),
        prerelease: z.string(),
        minimumAgeMs: z.number(),
        settle: z.object({ forMs: z.number(), atMostMs: z.number() }).nullable(),
      })
      .nullable(),
    window: z
      .union([
        z.object({ kind: z.literal('open'), closesAt: epochMs.optional(), latestStart: epochMs.optional() }),
        z.object({ kind: z.literal('closed'), opensAt: epochMs, because: z.enum(['window', 'freeze', 'too-late']) }),
        z.object({ kind: z.literal('never'), because: z.string() }),
      ])
      .nullable(),
    outOfSync: z
      .string()
      .nullable()
      .describe("what the hub's release says to the candidate, when it names another tag"),
    doubtedList: z
      .object({ hash: z.string(), count: z.int(), lastCount: z.int(), missing: z.array(z.string()) })
      .nullable()
      .describe('the list that refit accept would trust'),
    tags: z.array(z.object({ tag: z.string(), verdict: z.enum(verdicts), reason: z.string() })),
  })
  .meta({ id: 'Explanation' })

export const webhookParams = z.object({
  kind: z.string().describe('distribution, dockerhub, harbor, ghcr or quay'),
  key: z.string().describe('as refit webhooks prints it'),
})

export const webhookAnswer = z
  .object({ recognised: z.int().describe('how many of the repositories that were pushed to Refit knows') })
  .meta({ id: 'WebhookAnswer' })

export const healthAnswer = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })
