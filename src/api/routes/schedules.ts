import { pauseSchedule, resumeSchedule, showSchedules, triggerSchedule } from '../../operations/schedules'
import { scan } from '../../operations/scan'
import { actorOf } from '../acting'
import { guarded } from '../auth'
import { repeatable } from '../common-schemas'
import {
  scansAnswer,
  scheduleAnswer,
  scheduleBody,
  scheduleParams,
  schedulesAnswer,
  triggeredAnswer,
} from '../hub-schemas'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

const away = {
  503: 'Temporal or the store is away, or no worker has made the Schedule yet',
  504: 'it was triggered, and no run showed up: it may be paused',
}
const repeated = {
  400: 'the Idempotency-Key was used for something else',
  409: 'the same request is carried out right now',
}

/** Scans and the Schedules that start them. */
export function scheduleRoutes(app: Api, { store, hubTemporal }: ApiDeps): void {
  const viewer = guarded('viewer')
  const operator = guarded('operator')
  app.get(
    '/api/v1/scans/last',
    {
      config: viewer.config,
      schema: {
        ...{ summary: 'the last scan that has ended', tags: ['scans'], security: viewer.security },
        response: { 200: scansAnswer, ...viewer.problems, ...problems({ 503: 'the store is away' }) },
      },
    },
    async () => ({ scan: (await store.scans.last()) ?? null }),
  )
  app.post(
    '/api/v1/scans',
    {
      config: { ...operator.config, repeatable: true },
      schema: {
        ...{ summary: 'look at the cluster and the registries now', tags: ['scans'], security: operator.security },
        headers: repeatable,
        response: { 202: triggeredAnswer, ...operator.problems, ...problems({ ...repeated, ...away }) },
      },
    },
    async (_request, reply) => {
      const options = { wait: false, timeoutMs: 0, say: () => undefined }
      const { workflowId, alreadyRan } = await scan({ store, temporal: await hubTemporal() }, options)
      return reply.code(202).send({ workflowId, alreadyRan })
    },
  )
  app.get(
    '/api/v1/schedules',
    {
      config: viewer.config,
      schema: {
        ...{ summary: "the scan's and the digest's Schedule", tags: ['schedules'], security: viewer.security },
        response: { 200: schedulesAnswer, ...viewer.problems, ...problems({ 503: 'Temporal or the store is away' }) },
      },
    },
    async () => showSchedules({ temporal: await hubTemporal() }, undefined),
  )
  const changes = { pause: pauseSchedule, resume: resumeSchedule }
  for (const verb of ['pause', 'resume'] as const)
    app.post(
      `/api/v1/schedules/:name/${verb}`,
      {
        config: { ...operator.config, repeatable: true },
        schema: {
          summary: verb === 'pause' ? 'start nothing more until it is resumed' : 'let it go on',
          ...{ tags: ['schedules'], security: operator.security },
          ...{ params: scheduleParams, headers: repeatable, body: scheduleBody },
          response: {
            200: scheduleAnswer,
            ...operator.problems,
            ...problems({ 400: 'no such Schedule, or no reason', 409: repeated[409], 503: away[503] }),
          },
        },
      },
      async (request) => {
        const asked = { name: request.params.name, reason: request.body.reason, ...actorOf(request) }
        return changes[verb]({ store, temporal: await hubTemporal() }, asked, new Date())
      },
    )
  app.post(
    '/api/v1/schedules/:name/trigger',
    {
      config: { ...operator.config, repeatable: true },
      schema: {
        ...{ summary: 'start a run outside its times', tags: ['schedules'], security: operator.security },
        ...{ params: scheduleParams, headers: repeatable },
        response: { 202: triggeredAnswer, ...operator.problems, ...problems({ ...repeated, ...away }) },
      },
    },
    async (request, reply) => {
      const { workflowId, alreadyRan } = await triggerSchedule({ temporal: await hubTemporal() }, request.params.name)
      return reply.code(202).send({ workflowId, alreadyRan })
    },
  )
}
