import { instant } from '../../domain/text'
import { listWords } from '../../operations/doubted-list'
import type { ServiceDetail } from '../../operations/status'
import type { Context } from '../context'
import { diagnosisLines, heldLines } from '../diagnosis-lines'
import { ago, safe, tagTable } from '../render'
import { decisionCell, stageCell, upgradeCell } from '../words'
import { headLines, nextLine } from './status-head'

const tagsShown = 12
const eventsShown = 8

/** One service in full: the decision, the reasons for its tags, quarantine, and the story of its newest upgrade. */
export function detailLines(context: Context, detail: ServiceDetail, { allTags }: { allTags: boolean }): string[] {
  const { service, quarantined } = detail
  return [
    ...headLines(context, detail),
    '',
    context.paint('strong', `${service.namespace}/${service.service}`),
    ...facts(context, detail),
    ...tagTable(context, service.tags, { most: allTags ? Infinity : tagsShown, option: '--tags' }),
    ...quarantined.map(({ tag, digest, reason }) => safe(`quarantined ${tag} ${digest}: ${reason}`)),
    ...upgradeLines(context, detail),
    ...dataLines(detail),
    '',
    nextLine(context, detail.next),
  ]
}

function facts(context: Context, { service, scan }: ServiceDetail): string[] {
  const { decision, stale, upgrade } = service
  if (!decision)
    return ['decision   unknown: the last scan did not see it', `upgrade    ${plain(upgradeCell(upgrade))}`]
  const { kind, reason, current, currentDigest, candidate, policy, mode, repository, at } = decision
  const words = plain(decisionCell(kind, ''))
  return [
    `image      ${repository}`,
    `running    ${current || '-'}${currentDigest ? ` ${currentDigest}` : ''}`,
    `decision   ${stale ? `unknown: ${words} ${ago(at, context.io.now())}${scan?.stale ? ', the last scan is too old' : ''}` : words}: ${reason}`,
    ...(service.doubtedList ? [`list       ${listWords(service.doubtedList)}`] : []),
    `candidate  ${candidate ? `${candidate.tag} ${candidate.digest}` : '-'}`,
    `policy     ${policy ? `${policy} (${mode})` : 'none'}`,
    ...(service.window ? [`window     ${service.window.why}`] : []),
    `upgrade    ${plain(upgradeCell(upgrade))}`,
  ].map(safe)
}

const plain = (cell: ReturnType<typeof upgradeCell>): string => (typeof cell === 'string' ? cell : cell.text)

function dataLines({ data }: ServiceDetail): string[] {
  // What is done is among the events of its upgrade.
  if (!data || data.outcome === 'succeeded') return []
  const { namespace, service, toTag, outcome, phase, waitingFor, message } = data
  const stage = outcome ?? (waitingFor ? `${phase}, waits for ${waitingFor}` : phase)
  return ['', `data of ${toTag}: ${stage}: ${message}`, `data next: refit data status ${namespace}/${service}`].map(
    safe,
  )
}

function upgradeLines(context: Context, { service, latest, diagnosis, events }: ServiceDetail): string[] {
  if (!latest) return []
  const rows = events
    .slice(-eventsShown)
    .map(({ at, phase, kind, by, message }) => [instant(at), phase, kind, by ?? '-', message])
  const stage = stageCell(latest)
  return [
    '',
    `newest upgrade ${latest.id}: ${latest.fromTag} → ${latest.toTag}, ${plain(stage)}`,
    ...(rows.length > 0 ? [context.table(['AT', 'PHASE', 'WHAT', 'BY', 'MESSAGE'], rows)] : []),
    ...(events.length > eventsShown
      ? [context.paint('dim', `all ${events.length} events: refit history --upgrade ${latest.id}`)]
      : []),
    ...(diagnosis ? ['', ...diagnosisLines(context, diagnosis)] : []),
    // Held and not resolved yet.
    ...(service.upgrade?.outcome === 'held' ? ['', ...heldLines(service.upgrade)] : []),
  ]
}
