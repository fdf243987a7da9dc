import { Readable } from 'node:stream'
import { z } from 'zod'
import { upgradeReport } from '../../operations/report'
import { reportMarkdown } from '../../operations/report-markdown'
import { knownUpgrade, upgradeDetail, upgradePage, type UpgradeFilter } from '../../operations/upgrades'
import { upgradesCsv } from '../../operations/upgrades-csv'
import { guarded } from '../auth'
import { etagOf } from '../etag'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'
import {
  logsAnswer,
  reportAnswer,
  reportQuery,
  upgradeAnswer,
  upgradeParams,
  upgradesAnswer,
  upgradesCsvQuery,
  upgradesQuery,
} from '../upgrade-schemas'

/** A hundred thousand rows on a slow link. */
const csvTimeoutMs = 600_000
const refusedInput = { 400: 'a filter or a cursor that is none', 503: 'the store is away' }
const unknown = { 400: 'an id that can be none', 404: 'an upgrade that nobody knows', 503: 'the store is away' }

const csv = z.string().describe('id, namespace, service, from, to, …')
const markdown = z.string()

/** `/api/v1/upgrades`: all upgrades there were, each with all that is kept of it. */
export function upgradeRoutes(app: Api, { store, config, temporalNamespace }: ApiDeps): void {
  const { config: scope, security, problems: refusals } = guarded('viewer')
  const common = { tags: ['upgrades'], security }
  // What somebody's Job prints may be anything.
  const operator = guarded('operator')
  app.get(
    '/api/v1/upgrades',
    {
      config: scope,
      schema: {
        ...common,
        summary: 'upgrades, newest first',
        querystring: upgradesQuery,
        response: { 200: upgradesAnswer, ...refusals, ...problems(refusedInput) },
      },
    },
    ({ query: { limit, cursor, ...filter } }) => upgradePage({ store }, filterOf(filter), { limit, cursor }),
  )
  app.get(
    '/api/v1/upgrades.csv',
    {
      config: scope,
      handlerTimeout: csvTimeoutMs,
      schema: {
        ...common,
        summary: 'the same as CSV, at most 100,000',
        querystring: upgradesCsvQuery,
        response: {
          200: { description: 'a line per upgrade', content: { 'text/csv': { schema: csv } } },
          ...refusals,
          ...problems(refusedInput),
        },
      },
    },
    async ({ query }, reply) => {
      const lines = upgradesCsv({ store }, filterOf(query))
      // What is wrong shows with the first lines, while it can still be said.
      const first = [await lines.next(), await lines.next()].flatMap(({ value }) => (value as string | undefined) ?? [])
      void reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="upgrades.csv"')
      return reply.send(Readable.from(following(first, lines)) as unknown as string)
    },
  )
  app.get(
    '/api/v1/upgrades/:id',
    {
      config: scope,
      schema: {
        ...common,
        summary: 'one upgrade: its plan, who approved, what happened, health over time',
        params: upgradeParams,
        response: { 200: upgradeAnswer, ...refusals, ...problems(unknown) },
      },
    },
    async ({ params: { id } }, reply) => {
      const detail = await upgradeDetail({ store, config }, id, { temporalNamespace })
      void reply.header('etag', etagOf(detail.upgrade))
      return detail
    },
  )
  app.get(
    '/api/v1/upgrades/:id/logs',
    {
      config: operator.config,
      schema: {
        ...{ tags: common.tags, security: operator.security },
        summary: 'the last lines of its Jobs',
        params: upgradeParams,
        response: { 200: logsAnswer, ...operator.problems, ...problems(unknown) },
      },
    },
    async ({ params: { id } }) => {
      await knownUpgrade(store, id)
      return { logs: await store.jobLogs.list(id) }
    },
  )
  app.get(
    '/api/v1/upgrades/:id/report',
    {
      config: scope,
      schema: {
        ...common,
        summary: 'all that an auditor asks of one upgrade, as JSON or Markdown',
        params: upgradeParams,
        querystring: reportQuery,
        response: {
          200: {
            description: 'the report',
            content: { 'application/json': { schema: reportAnswer }, 'text/markdown': { schema: markdown } },
          },
          ...refusals,
          ...problems(unknown),
        },
      },
    },
    async ({ params: { id }, query: { format }, headers: { accept = '' } }, reply) => {
      const report = await upgradeReport({ store, config }, id, new Date())
      const wantsMarkdown = format === 'md' || (format === undefined && accept.includes('text/markdown'))
      if (!wantsMarkdown) return reply.type('application/json').send(report)
      return reply.type('text/markdown').send(reportMarkdown(report))
    },
  )
}

type Filter = z.output<typeof upgradesCsvQuery>

const filterOf = ({ from, to, ...filter }: Filter): UpgradeFilter => ({
  ...filter,
  ...(from === undefined ? {} : { from: new Date(from) }),
  ...(to === undefined ? {} : { to: new Date(to) }),
})

async function* following(first: string[], rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield* first
  yield* rest
}
