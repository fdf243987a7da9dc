import { listActs } from '../../operations/audit'
import { auditAnswer, auditQuery } from '../audit-schemas'
import { guarded } from '../auth'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

/** `GET /api/v1/audit`: who did what, newest first, for admins. */
export function auditRoutes(app: Api, { store }: Pick<ApiDeps, 'store'>): void {
  const { config, security, problems: refusals } = guarded('admin')
  app.get(
    '/api/v1/audit',
    {
      config,
      schema: {
        ...{ summary: 'who did what, newest first', tags: ['audit'], security, querystring: auditQuery },
        response: {
          200: auditAnswer,
          ...refusals,
          ...problems({ 400: 'a wrong limit or cursor', 503: 'the store is away' }),
        },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const { audit, next } = await listActs(
        { store },
        { limit, before: cursor === undefined ? undefined : Number(cursor) },
      )
      return { audit, next: next === null ? null : String(next) }
    },
  )
}
