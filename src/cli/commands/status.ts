import {
  hubStatus,
  type HubStatus,
  serviceDetail,
  type ServiceDetail,
  type ServiceStatus,
} from '../../operations/status'
import { findService, lookUp } from '../../operations/lookup'
import type { Command, Context } from '../context'
import { exitCodes } from '../exit-codes'
import { remoteDetail, remoteStatus } from '../remote-voting'
import { ago, type Cell } from '../render'
import { remoteApi, type VoterOptions } from '../voting'
import { decisionCell, upgradeCell } from '../words'
import { detailLines } from './status-detail'
import { headLines, nextLine } from './status-head'

interface Options extends Pick<VoterOptions, 'server' | 'tokenFile'> {
  tags?: boolean
  exitCode?: boolean
}

/** Reads the store only, so it also answers while Temporal, the cluster or a registry is away; with --server that of a Refit elsewhere. */
export const run: Command<Options> = async (context, [name], options) => {
  const { tags = false, exitCode = false } = options
  const { hub, detail } = sourceOf(context, options)
  const person = (services: ServiceStatus[]) =>
    exitCode && services.some(({ needsPerson }) => needsPerson !== null) ? exitCodes.needsPerson : exitCodes.ok
  if (name === undefined) {
    const status = await context.waitFor('the store', hub)
    context.print(status, () => hubLines(context, status))
    return person(status.services)
  }
  const found = await context.waitFor('the store', () => detail(name))
  context.print(found, () => detailLines(context, found, { allTags: tags }))
  return person([found.service])
}

interface Source {
  hub: () => Promise<HubStatus>
  detail: (name: string) => Promise<ServiceDetail>
}

function sourceOf({ parts, io, env }: Context, options: Options): Source {
  const api = remoteApi(env, options)
  if (api)
    return {
      hub: () => remoteStatus(api),
      detail: async (name) => remoteDetail(api, findService((await remoteStatus(api)).services, name)),
    }
  const open = async () => ({ store: await parts.store(), config: await parts.config() })
  return {
    hub: async () => hubStatus(await open(), io.now()),
    async detail(name) {
      const deps = await open()
      return serviceDetail(deps, await lookUp(deps.store, name), io.now())
    },
  }
}

function hubLines(context: Context, status: HubStatus): string[] {
  const { services, allUpToDate } = status
  const rows = services.map((service) => rowOf(service, context.io.now()))
  return [
    ...headLines(context, status),
    ...(rows.length > 0
      ? ['', context.table(['SERVICE', 'RUNNING', 'DECISION', 'CANDIDATE', 'POLICY', 'UPGRADE'], rows)]
      : []),
    '',
    ...(allUpToDate ? [context.paint('good', 'every watched service is up to date')] : []),
    nextLine(context, status.next),
  ]
}

function rowOf({ namespace, service, decision, stale, upgrade }: ServiceStatus, now: Date): Cell[] {
  const id = `${namespace}/${service}`
  if (!decision)
    return [id, '-', { text: 'unknown: the last scan did not see it', tone: 'warn' }, '-', '-', upgradeCell(upgrade)]
  const { kind, reason, current, candidate, policy, mode, at } = decision
  const cell = decisionCell(kind, reason)
  const words = typeof cell === 'string' ? cell : cell.text
  return [
    id,
    current || '-',
    stale ? { text: `unknown: ${words} ${ago(at, now)}`, tone: 'warn' } : cell,
    candidate?.tag ?? '-',
    policy ? `${policy} (${mode})` : '-',
    upgradeCell(upgrade),
  ]
}
