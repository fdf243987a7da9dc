import { durationWords, instant } from '../../domain/text'
import type { WindowState } from '../../domain/window'
import { explainService, type Explanation } from '../../operations/explain'
import { listWords } from '../../operations/doubted-list'
import { lookUp } from '../../operations/lookup'
import type { Command, Context } from '../context'
import { ago, safe, tagTable } from '../render'
import { decisionCell } from '../words'

const tagsShown = 30

/** Every tag with the reason for or against it, from the last scan. */
export const run: Command<{ tag?: string; all?: boolean }> = async (context, [name = ''], { tag, all = false }) => {
  const [store, config] = await Promise.all([context.parts.store(), context.parts.config()])
  const found = await context.waitFor('the store', async () =>
    explainService(
      { store, config },
      { key: await lookUp(store, name), now: context.io.now(), ...(tag ? { tag } : {}) },
    ),
  )
  context.print(found, () => explainLines(context, found, all))
}

function explainLines(context: Context, found: Explanation, all: boolean): string[] {
  const { decision, tags, namespace, service, doubtedList: doubted } = found
  const cell = decisionCell(decision.kind, decision.reason)
  return [
    `${context.paint('strong', `${namespace}/${service}`)} runs ${safe(decision.current || 'no tag')} of ${safe(decision.repository)}`,
    `${safe(typeof cell === 'string' ? cell : cell.text)} (scanned ${ago(decision.at, context.io.now())})`,
    ...(decision.kind === 'candidate' || decision.kind === 'up-to-date' ? [safe(decision.reason)] : []),
    ...(doubted
      ? [safe(`${listWords(doubted)}: refit accept ${namespace}/${service} --list ${doubted.hash} --reason TEXT`)]
      : []),
    ...policyLines(found),
    ...(found.outOfSync ? [context.paint('warn', safe(found.outOfSync))] : []),
    ...candidateLines(found),
    ...tagTable(context, tags, { most: all ? Infinity : tagsShown, option: '--all' }),
    ...nextLines(found),
  ]
}

/** Where there is something to do about it. */
function nextLines({ namespace, service, policy, decision: { kind, candidate } }: Explanation): string[] {
  const id = `${namespace}/${service}`
  if (!policy) return ['', `next: refit init --stdout --namespace ${namespace}`]
  if (kind === 'candidate') return ['', `next: refit plan ${id}`]
  return kind === 'held' && candidate ? ['', `next: refit windows ${id}, or refit plan ${id}`] : []
}

function policyLines({ policy, decision, decision: { candidate }, window }: Explanation): string[] {
  if (!policy) return ['no policy selects it: add one to refit.yaml, or let refit init write it']
  const { name, position, mode, strategy, prerelease, minimumAgeMs, settle } = policy
  const rules = [
    strategy,
    prerelease === 'none' ? '' : `channel ${prerelease}`,
    minimumAgeMs > 0 ? `at least ${durationWords(minimumAgeMs)} old` : '',
    settle ? `still for ${durationWords(settle.forMs)}, held at most ${durationWords(settle.atMostMs)}` : '',
  ].filter(Boolean)
  return [
    `policy: ${safe(name)} (no. ${position} in refit.yaml), ${mode}: ${safe(rules.join(', '))}`,
    ...(decision.lines?.length ? [`supported lines: ${safe(decision.lines.join(', '))}`] : []),
    ...(mode !== 'watch' && candidate && window ? [`window: ${windowWords(window)}`] : []),
  ]
}

function candidateLines({ decision: { candidate, holdUntil } }: Explanation): string[] {
  if (!candidate) return []
  const { security, since, promoted, signedBy, changes } = candidate
  return [
    ...(holdUntil === undefined ? [] : [`held until ${instant(holdUntil)}`]),
    ...(since
      ? [`age counts since ${instant(since.at)}${since.source === 'publisher' ? " (publisher's date)" : ''}`]
      : []),
    ...(promoted
      ? [`succeeded on ${safe(promoted.hub)} ${instant(promoted.since)} (plan ${promoted.planHash} there)`]
      : []),
    ...(signedBy ? [`signed by ${safe(signedBy)}`] : []),
    ...(security ? [`security: ${safe(security)}`] : []),
    ...(changes?.change ? [`its publisher calls it ${safe(changes.change)}`] : []),
    ...(changes?.todo ? [`to do: ${safe(changes.todo)}`] : []),
    ...(changes?.migrations ? [`data migrations: ${safe(changes.migrations)}`] : []),
    ...(changes?.notes ? [`notes: ${safe(changes.notes)}`] : []),
    ...(changes?.compare ? [`what changes: ${safe(changes.compare)}`] : []),
    ...(changes?.releaseNotes ? [`release notes: ${safe(changes.releaseNotes)}`] : []),
    ...(changes?.changelog ? [`changelog: ${safe(changes.changelog)}`] : []),
  ]
}

function windowWords(window: WindowState): string {
  if (window.kind === 'open') return 'an upgrade may start now'
  return window.kind === 'closed'
    ? `opens at ${instant(window.opensAt)} (${safe(window.because)})`
    : `never opens: ${safe(window.because)}`
}
