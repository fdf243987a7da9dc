import { RefitError } from '../../domain/errors'
import { upgradeWorkflowId } from '../../domain/temporal-names'
import { instant } from '../../domain/text'
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
import { poll } from '../poll'
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
  watch?: boolean
  /** ms */
  since?: number
}

/** Reads the store only, so it also answers while Temporal, the cluster or a registry is away; with --server that of a Refit elsewhere. */
export const run: Command<Options> = async (context, [name], options) => {
  const { exitCode = false, since, watch = false } = options
  if (watch && (since !== undefined || exitCode))
    throw new RefitError('USAGE', 'What is watched has no end.', 'Leave out --watch, or --since and --exit-code.')
  if (since !== undefined) return printSince(context, since, options)
  const read = readerOf(context, name, options)
  sayEquivalent(context, name)
  if (watch) return watchIt(context, read)
  const { data, services, lines } = await context.waitFor('the store', read)
  context.print(data, lines)
  const wants = exitCode && services.some(({ needsPerson }) => needsPerson !== null)
  return wants ? exitCodes.needsPerson : exitCodes.ok
}

/** What is printed, as data and in lines. */
interface Shown {
  data: HubStatus | ServiceDetail
  services: ServiceStatus[]
  lines: () => string[]
}

function readerOf(context: Context, name: string | undefined, options: Options): () => Promise<Shown> {
  const { hub, detail } = sourceOf(context, options)
  const { tags = false, all = false } = options
  if (name === undefined)
    return async () => {
      const data = await hub()
      return { data, services: data.services, lines: () => hubLines(context, data, { all }) }
    }
  return async () => {
    const data = await detail(name)
    return { data, services: [data.service], lines: () => detailLines(context, data, { allTags: tags }) }
  }
}

function sayEquivalent(context: Context, name: string | undefined): void {
  // What is in a namespace and has a name has a workflow of that name.
  const [namespace, service] = name?.split('/') ?? []
  if (namespace !== undefined && service !== undefined)
    context.equivalent((of) => `temporal workflow query${of} -w ${upgradeWorkflowId(namespace, service)} --type status`)
  else context.equivalent((of) => `temporal workflow list${of} --query "WorkflowType = 'upgrade'"`)
}

const everyMs = 2_000
const clear = '\u001b[H\u001b[2J'

/** Again and again, in its place on a terminal; elsewhere, and as data, each time that something has changed. */
async function watchIt(context: Context, read: () => Promise<Shown>): Promise<ExitCode> {
  const isScreen = context.io.width !== undefined && !context.isData
  let before = ''
  await poll(context, {
    everyMs,
    read,
    show: ({ data, lines }) => {
      const state = stateOf(data)
      if (isScreen) context.io.out(`${clear}${watchLine(context)}\n${lines().join('\n')}\n`)
      else if (state !== before) context.printNext(data, () => [...lines(), ''])
      before = state
      return false
    },
  })
  return exitCodes.ok
}

const watchLine = ({ paint, io }: Context): string =>
  paint('dim', `${instant(io.now())}, every ${everyMs / 1_000} s; Ctrl-C ends it`)

/** But for what the clock alone changes, and each scan that finds the same. */
const stateOf = ({ scan, ...rest }: Shown['data']): string =>
  JSON.stringify([scan?.complete, scan?.stale, scan?.summary, rest], (key, value: unknown) =>
    key === 'at' ? undefined : value,
  )

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
