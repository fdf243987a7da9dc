import { lookUp } from '../../operations/lookup'
import { since as happenedSince } from '../../operations/since'
import { hubStatus, type HubStatus, serviceDetail, type ServiceStatus } from '../../operations/status'
import type { Command, Context } from '../context'
import { exitCodes } from '../exit-codes'
import { load } from '../lazy'
import { detailLines } from './status-detail'
import { headLines, nextLine } from './status-head'
import { sinceLines } from './status-since'
import { serviceTable } from './status-table'

interface Options {
  tags?: boolean
  exitCode?: boolean
  all?: boolean
  /** ms */
  since?: number
}

/** Reads the store only, so it also answers while Temporal, the cluster or a registry is away. */
export const run: Command<Options> = async (context, [name], options) => {
  const { tags = false, exitCode = false, all = false, since } = options
  const { parts, io } = context
  const [store, config] = await Promise.all([parts.store(), parts.config()])
  if (since !== undefined) {
    const report = await context.waitFor('the store', () => happenedSince({ store, config }, since, io.now()))
    context.print(report, () => sinceLines(context, report))
    return exitCodes.ok
  }
  const deps = { store, config, configHash: load.configHash().configHash(context.configFile) }
  const person = (services: ServiceStatus[]) =>
    exitCode && services.some(({ needsPerson }) => needsPerson !== null) ? exitCodes.needsPerson : exitCodes.ok
  if (name === undefined) {
    const status = await context.waitFor('the store', () => hubStatus(deps, io.now()))
    context.print(status, () => hubLines(context, status, { all }))
    return person(status.services)
  }
  const detail = await context.waitFor('the store', async () =>
    serviceDetail(deps, await lookUp(store, name), io.now()),
  )
  context.print(detail, () => detailLines(context, detail, { allTags: tags }))
  return person([detail.service])
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
