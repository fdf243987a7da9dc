import cors from '@fastify/cors'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { RefitError } from '../../domain/errors'
import type { HubCodec } from '../../operations/codec'
import { guarded } from '../auth'
import { codecHeaders, payloads } from '../codec-schemas'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

/** As much as Temporal itself takes or gives in one message. */
const bodyLimit = 4 * 1_048_576

/**
 * Decrypts for the Web UI of Temporal and its CLI what workers encrypted, and encrypts what is sent by them. Asked with a
 * token by programs, and by the pages of the one Web UI that refit.yaml names (`temporalUi`), which may use a session.
 */
export async function codecRoutes(
  app: Api,
  { config: { temporalUi }, temporalNamespace }: Pick<ApiDeps, 'config' | 'temporalNamespace'>,
  codec: HubCodec,
): Promise<void> {
  const page = temporalUi === undefined ? undefined : new URL(temporalUi).origin
  const { config, security, problems: refusals } = guarded('viewer')
  const options = (summary: string) => ({
    bodyLimit,
    config: { ...config, reads: true, ...(page === undefined ? {} : { otherPage: page }) },
    schema: {
      summary,
      tags: ['codec'],
      security,
      headers: codecHeaders,
      body: payloads,
      response: {
        200: payloads,
        ...refusals,
        ...problems({
          400: 'the body has something else than payloads, or X-Namespace is that of another hub',
          413: 'a body of more than 4 MiB',
          415: 'a body that is no JSON',
        }),
      },
    },
  })
  // Whoever names none, or the same one twice as proxies may, means this one.
  const ofHub = (namespaces = ''): void => {
    const named = namespaces.split(',').map((each) => each.trim())
    if (named.every((each) => each === '' || each === temporalNamespace)) return
    throw new RefitError(
      'USAGE',
      'This is not the codec server of that namespace.',
      `Ask here for ${temporalNamespace} only.`,
    )
  }
  await app.register(
    async (scope) => {
      if (page !== undefined)
        await scope.register(cors, {
          ...{ origin: page, methods: ['POST'], credentials: true, maxAge: 600 },
          allowedHeaders: ['authorization', 'content-type', 'x-namespace'],
        })
      const typed = scope.withTypeProvider<ZodTypeProvider>()
      typed.post('/decode', options('decrypts payloads'), async ({ body, headers }) => {
        ofHub(headers['x-namespace'])
        return { payloads: await codec.decode(body.payloads) }
      })
      typed.post('/encode', options('encrypts payloads'), async ({ body, headers }) => {
        ofHub(headers['x-namespace'])
        return { payloads: await codec.encode(body.payloads) }
      })
    },
    { prefix: '/codec' },
  )
}
