import { latestImage } from '../../operations/latest-image'
import { imageAnswer, imageParams, imageQuery, problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

const schema = {
  tags: ['image-watcher'],
  querystring: imageQuery,
  response: {
    200: imageAnswer,
    ...problems({
      400: 'no such strategy',
      404: 'an image that no scan knows',
      422: 'the tag is not a version',
      502: 'the registry refused, or its answer is not believed',
      503: 'the registry or the store is away or busy, or the last scan is too old',
    }),
  },
}

/**
 * The API of Mojaloop's image-watcher, under the path of its code and the one of its documentation. An image with more or
 * fewer parts than org/image is answered too.
 */
export function imageRoutes(app: Api, deps: ApiDeps): void {
  const summary = 'the newest tag that a strategy allows'
  const description =
    'Answered from what scans stored; never a pre-release. Also takes /redis/7.2.0, /team/hub/ledger/v1.0.0, and a registry in front where several have the image.'
  for (const prefix of ['/images', '/image']) {
    app.get(
      `${prefix}/:org/:image/:tag`,
      { schema: { ...schema, summary, description, params: imageParams } },
      ({ params: { org, image, tag }, query: { strategy } }) =>
        latestImage(deps, { name: `${org}/${image}`, tag, strategy, now: new Date() }),
    )
    app.get(`${prefix}/*`, { schema: { ...schema, hide: true } }, ({ params, query: { strategy } }) => {
      const path = (params as { '*': string })['*'].split('/')
      return latestImage(deps, { name: path.slice(0, -1).join('/'), tag: path.at(-1) ?? '', strategy, now: new Date() })
    })
  }
}
