import type { RefitApi } from '../clients/refit-api'
import { findService } from '../operations/lookup'
import type { ShownPlan } from '../operations/open-plan'
import type { HubStatus, ServiceDetail } from '../operations/status'
import { nothingUnderWay } from '../operations/vote'
import type { ServiceKey } from '../store/contracts'
import type { ShownVote, Voting } from './voting'

/** What `GET /api/v1/services/…` answers beyond what `refit status SERVICE` prints. */
export type RemoteDetail = ServiceDetail & { /** of the open upgrade */ plan: ShownPlan | null }

/** Speaks to upgrades over HTTP; who acts is whose token it is. */
export function remoteVoting(api: RefitApi): Voting {
  return {
    person: async () => ((await api.get('/api/v1/me')) as { name: string }).name,
    find: async (name) => findService((await remoteStatus(api)).services, name),
    async waitingPlan(key) {
      const { plan } = await remoteDetail(api, key)
      if (plan) return plan
      throw nothingUnderWay(key)
    },
    async cast(verb, { key, ...said }) {
      const result = (await api.post(`${pathOf(key)}/${verb}`, said)) as Omit<ShownVote, 'webUi'>
      return { ...result, webUi: null }
    },
  }
}

/** `refit status` of a Refit elsewhere. */
export const remoteStatus = async (api: RefitApi): Promise<HubStatus> =>
  withDates(await api.get('/api/v1/services')) as HubStatus

/** `refit status SERVICE` of a Refit elsewhere. */
export const remoteDetail = async (api: RefitApi, key: ServiceKey): Promise<RemoteDetail> =>
  withDates(await api.get(pathOf(key))) as RemoteDetail

const pathOf = ({ namespace, service }: ServiceKey): string =>
  `/api/v1/services/${encodeURIComponent(namespace)}/${encodeURIComponent(service)}`

const instantKeys = new Set(['at', 'startedAt', 'endedAt', 'since'])

/** JSON has no dates; here they are again, so that the same code shows both. */
export function withDates(value: unknown, key = ''): unknown {
  if (typeof value === 'string' && instantKeys.has(key)) return new Date(value)
  if (Array.isArray(value)) return value.map((each) => withDates(each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withDates(each, name)]))
}
