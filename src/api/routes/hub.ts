import { alerts } from '../../operations/alerts'
import { calendar } from '../../operations/calendar'
import { registries } from '../../operations/registries'
import { guarded } from '../auth'
import { alertsAnswer, calendarAnswer, calendarQuery, registriesAnswer, settingsAnswer } from '../hub-schemas'
import { problems } from '../schemas'
import type { Api, ApiDeps } from '../types'

const alertsShown = 200
const away = { 503: 'the store is away' }

/** What concerns the whole hub, to look at. */
export function hubRoutes(app: Api, { store, config, settings }: ApiDeps): void {
  const { config: scope, security, problems: refusals } = guarded('viewer')
  const common = { tags: ['hub'], security }
  // It names people, addresses and how the hub is run.
  const operator = guarded('operator')
  app.get(
    '/api/v1/calendar',
    {
      config: scope,
      schema: {
        ...common,
        summary: 'when upgrades may start, and when they may not',
        querystring: calendarQuery,
        response: {
          200: calendarAnswer,
          ...refusals,
          ...problems({ 400: 'no instants, more than 62 days, or an end before the beginning', ...away }),
        },
      },
    },
    ({ query: { from, to } }) =>
      calendar(
        { store, config },
        { from: from ? new Date(from) : undefined, to: to ? new Date(to) : undefined, now: new Date() },
      ),
  )
  app.get(
    '/api/v1/registries',
    {
      config: scope,
      schema: {
        ...common,
        summary: 'how the reading of each registry host goes',
        response: { 200: registriesAnswer, ...refusals, ...problems(away) },
      },
    },
    async () => ({ registries: await registries({ store }) }),
  )
  app.get(
    '/api/v1/alerts',
    {
      config: scope,
      schema: {
        ...common,
        summary: 'alerts that wait for their targets or were given up',
        response: { 200: alertsAnswer, ...refusals, ...problems(away) },
      },
    },
    async () => {
      const [waiting, dead] = await Promise.all([
        alerts({ store }, { state: 'waiting', limit: alertsShown }),
        alerts({ store }, { state: 'dead', limit: alertsShown }),
      ])
      return { targets: waiting.targets, alerts: [...dead.alerts, ...waiting.alerts] }
    },
  )
  app.get(
    '/api/v1/settings',
    {
      config: operator.config,
      schema: {
        ...{ tags: common.tags, security: operator.security },
        summary: 'refit.yaml as it is understood, without any secret',
        response: { 200: settingsAnswer, ...operator.problems },
      },
    },
    () => ({ hub: config.hub, ...settings }),
  )
}
