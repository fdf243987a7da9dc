import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Api } from './types'

/** What programs ask for: never answered with the page, so that a wrong path stays an error. */
const forPrograms = /^\/(api|auth|assets|explain|images?|webhooks|slack|metrics|livez|readyz|openapi\.json)(\/|$|\?)/

type Answer = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>

/**
 * Serves the operators' page from `folder` where `npm run build` put one: its files, and index.html for every other path that a browser
 * opens, because the page has paths of its own. `otherwise` answers the rest.
 */
export async function addPage(
  app: Api,
  { folder, otherwise }: { folder: string | undefined; otherwise: Answer },
): Promise<void> {
  if (folder === undefined) {
    app.setNotFoundHandler(otherwise)
    return
  }
  if (!existsSync(join(folder, 'index.html'))) {
    app.setNotFoundHandler((request, reply) => (isOpened(request) ? notBuilt(reply) : otherwise(request, reply)))
    return
  }
  await app.register(fastifyStatic, {
    root: folder,
    serve: false,
    preCompressed: true,
    // Two requests at most for what never changes under its name.
    cacheControl: false,
    schemaHide: true,
  })
  app.get('/assets/*', { schema: { hide: true } }, (request, reply) => {
    void reply.header('cache-control', 'public, max-age=31536000, immutable')
    return reply.sendFile((request.params as { '*': string })['*'], join(folder, 'assets'))
  })
  app.get('/favicon.svg', { schema: { hide: true } }, (_request, reply) => {
    void reply.header('cache-control', 'public, max-age=86400')
    return reply.sendFile('favicon.svg')
  })
  const index: Answer = (_request, reply) => {
    void reply.header('cache-control', 'no-cache')
    return reply.code(200).sendFile('index.html')
  }
  app.get('/', { schema: { hide: true } }, index)
  app.setNotFoundHandler((request, reply) => (isOpened(request) ? index : otherwise)(request, reply))
}

/** A person's browser opens an address, rather than a program asking for data. */
const isOpened = ({ method, url, headers: { accept = '' } }: FastifyRequest): boolean =>
  (method === 'GET' || method === 'HEAD') && accept.includes('text/html') && !forPrograms.test(url)

const notBuilt = (reply: FastifyReply): FastifyReply =>
  reply
    .code(404)
    .type('text/plain; charset=utf-8')
    .send('The page is not built: npm run build. The API is at /openapi.json.\n')

/** dist/web of the package that this file is of, from the sources as from the build. */
export function pageFolder(from = __dirname): string {
  if (existsSync(join(from, 'package.json'))) return join(from, 'dist/web')
  const parent = dirname(from)
  return parent === from ? join(from, 'dist/web') : pageFolder(parent)
}
