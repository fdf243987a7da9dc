import { upgradeWorkflowId } from '../../domain/temporal-names'
import { instant } from '../../domain/text'
import { type LogEntry, upgradeIdOf, upgradeLog, type UpgradeLog } from '../../operations/logs'
import type { UpgradeRow } from '../../store/contracts'
import type { Command, Context } from '../context'
import { heldLines } from '../diagnosis-lines'
import { poll } from '../poll'
import { remoteLog, remoteUpgradeId } from '../remote-log'
import { safe, safeLines } from '../render'
import { remoteApi, type VoterOptions } from '../voting'

interface Options extends Pick<VoterOptions, 'server' | 'tokenFile'> {
  follow?: boolean
}

const everyMs = 1_000

/** What happened in an upgrade and what its Jobs wrote; with --follow until it ends. */
export const run: Command<Options> = async (context, [name = ''], { follow = false, ...options }) => {
  const read = await readerOf(context, name, options)
  const found = await context.waitFor('the store', read)
  const { namespace, service } = found.upgrade
  context.equivalent(
    (of) => `temporal workflow show${of} -w ${upgradeWorkflowId(namespace, service)}${follow ? ' --follow' : ''}`,
  )
  if (follow) return followed(context, read)
  context.print(found, () => [
    titleOf(context, found.upgrade),
    ...found.entries.flatMap((entry) => linesOf(context, entry)),
    ...endLines(context, found.upgrade),
  ])
}

/** The id is looked up once: another upgrade of the service is another story. */
async function readerOf(context: Context, name: string, options: Options): Promise<() => Promise<UpgradeLog>> {
  const api = remoteApi(context.env, options)
  if (api) {
    const id = await remoteUpgradeId(api, name)
    return () => remoteLog(api, id)
  }
  const store = await context.parts.store()
  const id = await context.waitFor('the store', () => upgradeIdOf(store, name))
  return () => upgradeLog({ store }, id)
}

/** Each entry once, as it comes; as data one document each. */
async function followed(context: Context, read: () => Promise<UpgradeLog>): Promise<void> {
  const shown = new Set<string>()
  let hasTitle = context.isData
  await poll(context, {
    everyMs,
    read,
    show: ({ upgrade, entries }) => {
      if (!hasTitle) context.io.out(`${titleOf(context, upgrade)}\n`)
      hasTitle = true
      for (const entry of entries) {
        // A Job's log may be written anew.
        const key = JSON.stringify(entry)
        if (!shown.has(key)) context.printNext(entry, () => linesOf(context, entry))
        shown.add(key)
      }
      if (upgrade.outcome === null) return false
      if (!context.isData) context.io.out(`${endLines(context, upgrade).join('\n')}\n`)
      return true
    },
  })
}

const titleOf = ({ paint }: Context, { id, namespace, service, fromTag, toTag }: UpgradeRow): string =>
  paint('strong', safe(`upgrade ${id}: ${namespace}/${service} ${fromTag} → ${toTag}`))

function linesOf({ paint }: Context, entry: LogEntry): string[] {
  const at = paint('dim', instant(entry.at))
  if (entry.kind === 'job')
    return [
      `${at}  ${safe(entry.step)} wrote`,
      ...safeLines(entry.log)
        .split('\n')
        .map((line) => `    ${line}`),
    ]
  const by = entry.by === null ? '' : ` by ${entry.by}${entry.verified ? '' : ' (unverified)'}`
  return [`${at}  ${safe(`${entry.phase}  ${entry.what}${by}${entry.message ? `: ${entry.message}` : ''}`)}`]
}

function endLines({ paint }: Context, upgrade: UpgradeRow): string[] {
  const { outcome, phase, waitingFor, message } = upgrade
  const words = outcome
    ? `ended ${outcome}${message ? `: ${message}` : ''}`
    : `in phase ${phase}${waitingFor ? `, waits for ${waitingFor}` : ''}`
  const tone = outcome === 'succeeded' ? 'good' : outcome === null ? 'dim' : 'warn'
  return [paint(tone, safe(words)), ...(outcome === 'held' ? heldLines(upgrade) : [])]
}
