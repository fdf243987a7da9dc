import { hubStatus, type HubStatus, serviceDetail, type ServiceStatus } from '../../operations/status'
import { lookUp } from '../../operations/lookup'
import type { Command, Context } from '../context'
import { exitCodes } from '../exit-codes'
import { ago, type Cell } from '../render'
import { decisionCell, upgradeCell } from '../words'
import { detailLines } from './status-detail'
import { headLines, nextLine } from './status-head'

interface Options {
  tags?: boolean
  exitCode?: boolean
}

/** Reads the store only, so it also answers while Temporal, the cluster or a registry is away. */
export const run: Command<Options> = async (context, [name], { tags = false, exitCode = false }) => {
  const { parts, io } = context
  const [store, config] = await Promise.all([parts.store(), parts.config()])
  const person = (services: ServiceStatus[]) =>
    exitCode && services.some(({ needsPerson }) => needsPerson !== null) ? exitCodes.needsPerson : exitCodes.ok
  if (name === undefined) {
    const status = await context.waitFor('the store', () => hubStatus({ store, config }, io.now()))
    context.print(status, () => hubLines(context, status))
    return person(status.services)
  }
  const detail = await context.waitFor('the store', async () =>
    serviceDetail({ store, config }, await lookUp(store, name), io.now()),
  )
  context.print(detail, () => detailLines(context, detail, { allTags: tags }))
  return person([detail.service])
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
