import { RefitError } from '../../domain/errors'
import { findService, lookUp } from '../../operations/lookup'
import { since as happenedSince } from '../../operations/since'
import {
  hubStatus,
  type HubStatus,
  serviceDetail,
  type ServiceDetail,
  type ServiceStatus,
} from '../../operations/status'
import type { Command, Context } from '../context'
import { type ExitCode, exitCodes } from '../exit-codes'
import { load } from '../lazy'
import { remoteDetail, remoteStatus } from '../remote-voting'
import { remoteApi, type VoterOptions } from '../voting'
import { detailLines } from './status-detail'
import { headLines, nextLine } from './status-head'
import { sinceLines } from './status-since'
import { serviceTable } from './status-table'

interface Options extends Pick<VoterOptions, 'server' | 'tokenFile'> {
  tags?: boolean
  exitCode?: boolean
  all?: boolean
  /** ms */
  since?: number
}

/** Reads the store only, so it also answers while Temporal, the cluster or a registry is away; with --server that of a Refit elsewhere. */
export const run: Command<Options> = async (context, [name], options) => {
  const { tags = false, exitCode = false, all = false, since } = options
  if (since !== undefined) return printSince(context, since, options)
  const { hub, detail } = sourceOf(context, options)
  const person = (services: ServiceStatus[]) =>
    exitCode && services.some(({ needsPerson }) => needsPerson !== null) ? exitCodes.needsPerson : exitCodes.ok
  if (name === undefined) {
    const status = await context.waitFor('the store', hub)
    context.print(status, () => hubLines(context, status, { all }))
    return person(status.services)
  }
  const found = await context.waitFor('the store', () => detail(name))
  context.print(found, () => detailLines(context, found, { allTags: tags }))
  return person([found.service])
}

async function printSince(context: Context, since: number, { server }: Options): Promise<ExitCode> {
  const { parts, io } = context
  if (server !== undefined)
    throw new RefitError('USAGE', '--since reads the store itself.', 'Leave out --server, or leave out --since.')
  const [store, config] = await Promise.all([parts.store(), parts.config()])
  const report = await context.waitFor('the store', () => happenedSince({ store, config }, since, io.now()))
  context.print(report, () => sinceLines(context, report))
  return exitCodes.ok
}

interface Source {
  hub: () => Promise<HubStatus>
  detail: (name: string) => Promise<ServiceDetail>
}

function sourceOf({ parts, io, env, configFile }: Context, options: Options): Source {
  const api = remoteApi(env, options)
  if (api)
    return {
      hub: () => remoteStatus(api),
      detail: async (name) => remoteDetail(api, findService((await remoteStatus(api)).services, name)),
    }
  const open = async () => ({
    store: await parts.store(),
    config: await parts.config(),
    configHash: load.configHash().configHash(configFile),
  })
  return {
    hub: async () => hubStatus(await open(), io.now()),
    async detail(name) {
      const deps = await open()
      return serviceDetail(deps, await lookUp(deps.store, name), io.now())
    },
  }
}

function hubLines(context: Context, status: HubStatus, { all }: { all: boolean }): string[] {
  return [
    ...headLines(context, status),
    ...serviceTable(context, status, { all }),
    '',
    ...(status.allUpToDate ? [context.paint('good', 'every watched service is up to date')] : []),
    nextLine(context, status.next),
  ]
}
