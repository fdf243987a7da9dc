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

/** What every route with a scope may answer. */
const guarded = ['200', '401', '403', '429']
const image = ['200', '400', '404', '422', '502', '503']
const list = (...more: string[]) => [...guarded, ...more].sort()
const ofPath: Record<string, string[]> = {
  '/explain/{namespace}/{service}': ['200', '400', '404', '503'],
  '/api/v1/session': ['200', '401', '429', '503'],
  '/api/v1/audit': ['200', '400', '401', '403', '429', '503'],
  '/auth/token': ['200', '400', '401', '403', '413', '415', '429', '503'],
  '/auth/logout': ['204', '403', '503'],
  '/auth/oidc': ['302', '400', '404', '429', '503'],
  '/auth/oidc/callback': ['303', '401', '403', '404', '429', '503'],
  '/slack/actions': ['200', '403', '404', '413', '415'],
  '/livez': ['200'],
  '/readyz': ['200', '503'],
  '/images/{org}/{image}/{tag}': image,
  '/image/{org}/{image}/{tag}': image,
  '/webhooks/{kind}/{key}': ['202', '400', '403', '404', '413', '415', '429', '503'],
}
const v1: Record<string, string[]> = {
  ...{ '/promotions': list('400', '503'), '/me': list(), '/services': list('503'), '/settings': list() },
  ...{ '/calendar': list('400', '503'), '/registries': list('503'), '/alerts': list('503') },
  '/services/{namespace}/{service}': list('400', '404', '503'),
  ...{ '/upgrades': list('400', '503'), '/upgrades.csv': list('400', '503') },
  ...Object.fromEntries(['', '/logs', '/report'].map((each) => [`/upgrades/{id}${each}`, list('400', '404', '503')])),
  ...{ '/releases': list('400', '503'), '/releases/{name}': list('400', '404', '503') },
  ...{ '/data': list('503'), '/data/{namespace}/{service}': list('400', '404', '503') },
  ...{ '/quarantine': list('503'), '/scans/last': list('503'), '/schedules': list('503'), '/tokens': list('503') },
  '/changes': list('400', '503'),
}
const posts: Record<string, string[]> = {
  ...Object.fromEntries(
    ['request', 'approve', 'reject', 'withdraw', 'snooze', 'pause', 'resume', 'abort'].map((verb) => [
      `/services/{namespace}/{service}/${verb}`,
      list('202', '400', '404', '409', '412', '413', '415', '503'),
    ]),
  ),
  ...Object.fromEntries(
    ['rollback', 'resolve'].map((verb) => [
      `/services/{namespace}/{service}/${verb}`,
      list('400', '404', '409', '413', '415', '502', '503'),
    ]),
  ),
  ...Object.fromEntries(
    ['go-on', 'put-back', 'accept', 'security/mark', 'security/lift'].map((verb) => [
      `/services/{namespace}/{service}/${verb}`,
      list('400', '404', '409', '413', '415', '503'),
    ]),
  ),
  ...Object.fromEntries(
    ['approve', 'reject', 'abort'].map((verb) => [
      `/releases/{name}/${verb}`,
      list('202', '400', '404', '409', '413', '415', '503'),
    ]),
  ),
  ...Object.fromEntries(
    ['approve', 'reject', 'withdraw', 'pause', 'resume', 'abort'].map((verb) => [
      `/data/{namespace}/{service}/${verb}`,
      list('202', '400', '404', '409', '413', '415', '503'),
    ]),
  ),
  '/data/{namespace}/{service}/start': ['202', ...list('400', '404', '409', '413', '415', '503').slice(1)],
  ...{ '/freezes/lift': list('400', '404', '409', '413', '415', '503') },
  ...{ '/quarantine/lift': list('400', '404', '409', '413', '415', '503') },
  ...{ '/scans': ['202', '400', '401', '403', '409', '413', '415', '429', '503', '504'] },
  '/schedules/{name}/pause': list('400', '409', '413', '415', '503'),
  '/schedules/{name}/resume': list('400', '409', '413', '415', '503'),
  '/schedules/{name}/trigger': ['202', '400', '401', '403', '409', '413', '415', '429', '503', '504'],
  '/tokens/{id}/revoke': list('400', '404', '409', '413', '415', '503'),
}

const statusesOf = (operation: { responses: Record<string, unknown> } | undefined) =>
  operation && Object.keys(operation.responses).filter((status) => status !== '431')

test('every route says that it takes no endless headers', async () => {
  const operations = Object.values((await document()).paths).flatMap((item) => Object.values(item))
  expect(operations.filter(({ responses }) => !('431' in responses))).toEqual([])
})

test('it has every route with every status', async () => {
  const { paths } = await document()
  const v1Of = (all: Record<string, string[]>) =>
    Object.fromEntries(Object.entries(all).map(([path, statuses]) => [`/api/v1${path}`, statuses]))
  const freezes = { get: list('503'), post: list('400', '409', '413', '415', '503') }
  const found = Object.fromEntries(
    Object.entries(paths).map(([path, { get, post }]) => [path, { get: statusesOf(get), post: statusesOf(post) }]),
  )
  const gets = Object.fromEntries(Object.entries(v1Of(v1)).map(([path, get]) => [path, { get }]))
  const all = Object.fromEntries(Object.entries(v1Of(posts)).map(([path, post]) => [path, { post }]))
  const others = Object.fromEntries(
    Object.entries(ofPath).map(([path, each]) => [
      path,
      /webhooks|slack|auth\/(token|logout)/.test(path) ? { post: each } : { get: each },
    ]),
  )
  expect(found).toEqual({ ...others, ...gets, ...all, '/api/v1/freezes': freezes })
})

test('no shape is there that no route names, and each has a name of its own', async () => {
  const { components, paths } = await document()
  const text = JSON.stringify({ paths, components })
  for (const name of Object.keys(components.schemas)) {
    expect(text).toContain(`"#/components/schemas/${name}"`)
    expect(name).toMatch(/^[A-Z][A-Za-z]+$/)
  }
})
