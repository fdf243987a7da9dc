import SwaggerParser from '@apidevtools/swagger-parser'
import { serve } from './support'

type Document = Parameters<typeof SwaggerParser.validate>[0] & {
  openapi: string
  info: { version: string }
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>
  components: { schemas: Record<string, unknown> }
}

const document = async () => {
  const answer = await (await serve()).app.inject('/openapi.json')
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  return answer.json<Document>()
}

test('the document is valid OpenAPI 3.1', async () => {
  const found = await document()
  expect(found.openapi).toBe('3.1.0')
  expect(found.info.version).toBe('1.2.3')
  await expect(SwaggerParser.validate(found)).resolves.toBeDefined()
})

test('a document with a mistake would be found out', async () => {
  const found = await document()
  found.paths['/livez'] = { get: { responses: { 200: { content: 7 } } } }
  await expect(SwaggerParser.validate(found)).rejects.toThrow(/validation failed/i)
})

test('it has every route with every status, and no shape that no route names', async () => {
  const { paths, components } = await document()
  const statuses = Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.values(methods).flatMap(({ responses }) => Object.keys(responses)),
    ]),
  )
  const image = ['200', '400', '404', '422', '502', '503']
  expect(statuses).toEqual({
    '/explain/{namespace}/{service}': ['200', '404', '503'],
    '/api/v1/promotions': ['200', '401', '403', '429', '503'],
    ...Object.fromEntries(
      ['request', 'approve', 'reject', 'withdraw', 'snooze', 'pause', 'resume', 'abort'].map((verb) => [
        `/api/v1/services/{namespace}/{service}/${verb}`,
        ['200', '202', '400', '401', '403', '404', '409', '429', '503'],
      ]),
    ),
    '/api/v1/session': ['200', '401', '429', '503'],
    '/auth/token': ['200', '400', '401', '403', '413', '415', '429', '503'],
    '/auth/logout': ['204', '403', '503'],
    '/auth/oidc': ['302', '400', '404', '429', '503'],
    '/auth/oidc/callback': ['303', '401', '403', '404', '429', '503'],
    '/api/v1/audit': ['200', '400', '401', '403', '429', '503'],
    '/api/v1/me': ['200', '401', '403', '429'],
    '/api/v1/services': ['200', '401', '403', '429', '503'],
    '/api/v1/services/{namespace}/{service}': ['200', '401', '403', '404', '429', '503'],
    '/slack/actions': ['200', '403', '404', '413', '415'],
    '/livez': ['200'],
    '/readyz': ['200', '503'],
    '/images/{org}/{image}/{tag}': image,
    '/image/{org}/{image}/{tag}': image,
    '/webhooks/{kind}/{key}': ['202', '400', '403', '404', '413', '415', '429', '503'],
  })
  expect(Object.keys(components.schemas).sort()).toEqual([
    'Audit',
    'Explanation',
    'Health',
    'HubStatus',
    'LatestImage',
    'Person',
    'Problem',
    'Promotions',
    'ServiceDetail',
    'ServiceStatus',
    'Session',
    'Upgrade',
    'Vote',
    'WebhookAnswer',
  ])
})
