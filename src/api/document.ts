import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { OpenAPIV3_1 } from 'openapi-types'

/** How the OpenAPI 3.1 document at /openapi.json is made of the routes' schemas. */
export const documentOptions = (version: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Refit', description: 'Upgrades the services of a Kubernetes hub while they serve.', version },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'rft_…, of refit token create' },
        session: { type: 'apiKey', in: 'cookie', name: 'refit_session', description: 'of a browser that logged in' },
      },
    },
  },
  transform: jsonSchemaTransform,
  transformObject: (document) =>
    withoutUnused(withRefusals(jsonSchemaTransformObject(document) as OpenAPIV3_1.Document)),
})

/** What the server itself refuses before a route of this API sees a request. */
const refusals = {
  get: { 400: 'malformed' },
  post: { 400: 'malformed', 413: 'a body of more than 1 MiB', 415: 'a body that is no JSON' },
} as const

/** Documents them where a request has something to refuse, and the route doesn't say more of it. */
function withRefusals(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of ['get', 'post'] as const) {
      const operation = item?.[method]
      if (!operation) continue
      operation.responses = { ...operation.responses, 431: { description: 'a path or headers of more than 16 KiB' } }
      if (!path.startsWith('/api/')) continue
      const hasInput = method === 'post' || (operation.parameters ?? []).length > 0
      for (const [status, description] of Object.entries(hasInput ? refusals[method] : {}))
        operation.responses = { [status]: { description, content: problemContent }, ...operation.responses }
    }
  return document
}

const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }

/** Every shape comes as it goes in and as it comes out; only those that a route names, or that one of these names, are kept. */
function withoutUnused(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const all = Object.entries(document.components?.schemas ?? {})
  const used = new Set<string>()
  const use = (part: unknown): void => {
    const text = JSON.stringify(part)
    for (const [name, schema] of all)
      if (!used.has(name) && text.includes(`"#/components/schemas/${name}"`)) {
        used.add(name)
        use(schema)
      }
  }
  use(document.paths)
  const schemas = Object.fromEntries(all.filter(([name]) => used.has(name)))
  return { ...document, components: { ...document.components, schemas } }
}
