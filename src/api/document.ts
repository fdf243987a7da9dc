import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { OpenAPIV3_1 } from 'openapi-types'

/** How the OpenAPI 3.1 document at /openapi.json is made of the routes' schemas. */
export const documentOptions = (version: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Refit', description: 'Upgrades the services of a Kubernetes hub while they serve.', version },
  },
  transform: jsonSchemaTransform,
  transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document) as OpenAPIV3_1.Document),
})

/** Every shape comes as it goes in and as it comes out; only those that a route names are kept. */
function withoutUnused(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const paths = JSON.stringify(document.paths)
  const schemas = Object.entries(document.components?.schemas ?? {}).filter(([name]) =>
    paths.includes(`"#/components/schemas/${name}"`),
  )
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(schemas) } }
}
