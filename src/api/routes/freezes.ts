import { freeze, freezes, unfreeze } from '../../operations/freeze'
import { liftQuarantine, quarantine } from '../../operations/quarantine'
import { actorOf } from '../acting'
import { guarded } from '../auth'
import { repeatable } from '../common-schemas'
import {
  freezeAnswer,
  freezeBody,
  freezesAnswer,
  liftAnswer,
  quarantineAnswer,
  quarantineLiftAnswer,
  quarantineLiftBody,
} from '../hub-schemas'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

const away = { 503: 'the store is away' }
const repeated = { 409: 'the same request is carried out right now' }

/** The freeze switch and the quarantine: to look at for everybody, to change for operators. */
export function freezeRoutes(app: Api, deps: ApiDeps): void {
  const { store, config, hubTemporal: temporal } = deps
  const viewer = guarded('viewer')
  const operator = guarded('operator')
  app.get(
    '/api/v1/freezes',
    {
      config: viewer.config,
      schema: {
        ...{ summary: 'what is frozen, and was', tags: ['freezes'], security: viewer.security },
        response: { 200: freezesAnswer, ...viewer.problems, ...problems(away) },
      },
    },
    () => freezes({ store }, new Date()),
  )
  app.post(
    '/api/v1/freezes',
    {
      config: { ...operator.config, repeatable: true },
      schema: {
        ...{ summary: 'stop all upgrades of the hub or a namespace', tags: ['freezes'], security: operator.security },
        ...{ headers: repeatable, body: freezeBody },
        response: {
          200: freezeAnswer,
          ...operator.problems,
          ...problems({ 400: 'no reason, or a namespace that no policy selects', ...repeated, ...away }),
        },
      },
    },
    (request) => freeze({ store, config }, { ...request.body, ...actorOf(request) }),
  )
  app.post(
    '/api/v1/freezes/lift',
    {
      config: { ...operator.config, repeatable: true },
      schema: {
        ...{ summary: 'let upgrades go on', tags: ['freezes'], security: operator.security },
        ...{ headers: repeatable, body: freezeBody },
        response: {
          200: liftAnswer,
          ...operator.problems,
          ...problems({ 400: 'no reason', 404: 'it is not frozen', ...repeated, ...away }),
        },
      },
    },
    (request) => unfreeze({ store, config, temporal }, { ...request.body, ...actorOf(request) }),
  )
  app.get(
    '/api/v1/quarantine',
    {
      config: viewer.config,
      schema: {
        ...{ summary: 'digests that failed and are not offered', tags: ['quarantine'], security: viewer.security },
        response: { 200: quarantineAnswer, ...viewer.problems, ...problems(away) },
      },
    },
    () => quarantine({ store }),
  )
  app.post(
    '/api/v1/quarantine/lift',
    {
      config: { ...operator.config, repeatable: true },
      schema: {
        ...{ summary: 'let scans offer a digest again', tags: ['quarantine'], security: operator.security },
        ...{ headers: repeatable, body: quarantineLiftBody },
        response: {
          200: quarantineLiftAnswer,
          ...operator.problems,
          ...problems({ 400: 'no digest', 404: 'it is not in quarantine', ...repeated, ...away }),
        },
      },
    },
    (request) => {
      const { namespace, service, digest, reason } = request.body
      return liftQuarantine({ store }, { key: { namespace, service }, digest, reason, ...actorOf(request) })
    },
  )
}
