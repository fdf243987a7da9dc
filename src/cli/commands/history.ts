import { RefitError } from '../../domain/errors'
import { durationWords, instant } from '../../domain/text'
import { history, upgradeStory, type UpgradeStory } from '../../operations/history'
import { lookUp } from '../../operations/lookup'
import type { UpgradeFilter, UpgradeRow } from '../../store/contracts'
import type { Command, Context } from '../context'
import { diagnosisLines, heldLines } from '../diagnosis-lines'
import { safe, safeLines } from '../render'
import { stageCell } from '../words'

interface Options {
  limit: number
  upgrade?: string
  logs?: boolean
  namespace?: string
  outcome?: NonNullable<UpgradeFilter['outcome']>
  state?: NonNullable<UpgradeFilter['state']>
  person?: string
  from?: Date
  to?: Date
  search?: string
  cursor?: string
}

/** The list of upgrades, or with --upgrade the story of one. */
export const run: Command<Options> = async (context, [name], { limit, upgrade, logs = false, ...wanted }) => {
  if (logs && upgrade === undefined)
    throw new RefitError('USAGE', '--logs belongs to one upgrade.', 'Name it with --upgrade; refit history lists them.')
  if (name !== undefined && upgrade !== undefined)
    throw new RefitError('USAGE', 'An upgrade is named by its id alone.', 'Leave out the SERVICE.')
  if (upgrade !== undefined && Object.keys(wanted).length > 0)
    throw new RefitError('USAGE', 'An upgrade is named by its id alone.', 'Leave out what narrows a list.')
  const store = await context.parts.store()
  if (upgrade !== undefined) {
    const story = await context.waitFor('the store', () => upgradeStory({ store }, { id: upgrade, logs }))
    context.print(story, () => storyLines(context, story))
    return
  }
  const found = await context.waitFor('the store', async () =>
    history({ store }, { key: name === undefined ? undefined : await lookUp(store, name), limit, ...filterOf(wanted) }),
  )
  context.print(found, () => {
    if (found.upgrades.length === 0)
      return [Object.keys(wanted).length > 0 ? 'no upgrade is like that' : 'no upgrade yet']
    return [
      context.table(['STARTED', 'SERVICE', 'FROM', 'TO', 'STAGE', 'TOOK', 'ID', 'MESSAGE'], found.upgrades.map(rowOf)),
      ...(found.next === null ? [] : [context.paint('dim', `there are more: the same with --cursor ${found.next}`)]),
      context.paint('dim', 'next: refit history --upgrade ID'),
    ]
  })
}

const filterOf = ({ person, search, ...rest }: Omit<Options, 'limit' | 'upgrade' | 'logs'>) => ({
  ...rest,
  ...(person === undefined ? {} : { by: person }),
  ...(search === undefined ? {} : { q: search }),
})

function rowOf(row: UpgradeRow) {
  const { startedAt, endedAt, namespace, service, fromTag, toTag, id, waitingFor, message } = row
  const took = endedAt ? durationWords(endedAt.getTime() - startedAt.getTime()) : '-'
  return [
    instant(startedAt),
    `${namespace}/${service}`,
    fromTag,
    toTag,
    stageCell(row),
    took,
    id,
    waitingFor ? `waits for ${waitingFor}` : message,
  ]
}

function storyLines(context: Context, { upgrade, events, diagnoses, logs }: UpgradeStory): string[] {
  const { id, namespace, service, fromTag, toTag, toDigest, planHash, outcome, phase, message } = upgrade
  const rows = events.map((event) => [
    instant(event.at),
    event.phase,
    event.kind,
    event.by ? `${event.by}${event.verified ? '' : ' (unverified)'}` : '-',
    event.message,
  ])
  return [
    context.paint('strong', `upgrade ${id}: ${namespace}/${service} ${fromTag} → ${toTag}`),
    `plan ${planHash}, digest ${toDigest}`,
    safe(`${outcome ? `ended ${outcome}` : `in phase ${phase}`}${message ? `: ${message}` : ''}`),
    ...(rows.length > 0 ? ['', context.table(['AT', 'PHASE', 'WHAT', 'BY', 'MESSAGE'], rows)] : []),
    ...diagnoses.flatMap((diagnosis) => ['', ...diagnosisLines(context, diagnosis)]),
    ...(logs ?? []).flatMap(({ step, log, at }) => [
      '',
      context.paint('strong', `${step}, ${instant(at)}`),
      ...safeLines(log)
        .split('\n')
        .map((line) => `  ${line}`),
    ]),
    ...(logs?.length === 0 ? ['', 'no Job of it logged anything'] : []),
    ...(outcome === 'held' ? ['', ...heldLines(upgrade)] : []),
  ]
}
