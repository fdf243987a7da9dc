import { type Alert, type AlertLevel, codeBlock, type Hub, hubName, plain } from './alert'
import { approveContractCommands, type DataStage } from './data-status'
import type { EventKind } from './event'
import type { DataPhase } from './migration'
import type { Plan } from './plan'
import type { Outcome } from './status'
import { dataWorkflowId, workflowPage } from './temporal-names'
import { instant } from './text'

export interface DataNews {
  hub: Hub
  /** of the hub's workflows, for the commands */
  temporalNamespace: string
  /** base URL of Temporal's Web UI */
  temporalUi?: string | undefined
  plan: Plan
  planHash: string
  dataId: string
  /** of the recorded entry: once per run */
  key: string
  phase: DataStage
  kind: EventKind
  message: string
  waitingFor?: string
  outcome?: Outcome
  by?: string
  /** epoch milliseconds: when the question expires */
  expiresAt?: number
}

/** The alert that belongs to one recorded entry of a data workflow; undefined where the entry is nobody's news. */
export function dataRunAlert(news: DataNews): Alert | undefined {
  if (news.outcome) return endAlert(news, news.outcome)
  if (news.kind === 'entered') return phaseAlert(news)
  if (news.kind === 'escalated' || news.kind === 'asked-again') return asking(news, 'asks again for approval')
  const said = saidWords[news.kind]
  return said && alertOf(news, said.level, said.words, [news.message])
}

const saidWords: Partial<Record<EventKind, { level: AlertLevel; words: string }>> = {
  voted: { level: 'info', words: 'has an approval more' },
  approved: { level: 'info', words: 'was approved' },
  withdrawn: { level: 'info', words: 'has an approval less' },
  paused: { level: 'action', words: 'was paused' },
  resumed: { level: 'info', words: 'was resumed' },
  waits: { level: 'action', words: 'stands still' },
  refused: { level: 'info', words: 'refused a message' },
}

function phaseAlert(news: DataNews): Alert | undefined {
  switch (news.phase) {
    case 'backfill':
      return alertOf(news, 'info', 'is being backfilled', [news.message])
    case 'approval':
      return asking(news, 'waits for the approval of its contract')
    case 'window':
      return alertOf(news, 'info', 'waits before its contract', [news.waitingFor ?? '', news.message])
    case 'contract':
      return alertOf(news, 'info', 'is being contracted', [news.message])
  }
}

/** The commands come first: they must be on the screen of a phone without scrolling. */
function asking(news: DataNews, words: string): Alert {
  const { plan, planHash, temporalNamespace, expiresAt } = news
  const { namespace, name: service } = plan.service
  const ends = expiresAt === undefined ? '' : `The question expires at ${instant(expiresAt)}.`
  const alert = alertOf(news, 'action', words, [news.message, ends, 'Contract is final: nothing takes it back.'])
  const commands = approveContractCommands({ namespace, service, planHash }, temporalNamespace)
  return { ...alert, text: [codeBlock(commands), alert.text].join('\n') }
}

const ends: Record<Outcome, { level: AlertLevel; words: string }> = {
  succeeded: { level: 'info', words: 'is done' },
  held: { level: 'page', words: 'is HELD and needs a person' },
  aborted: { level: 'action', words: 'was stopped' },
  rejected: { level: 'info', words: 'keeps the old shape: its contract was rejected' },
  expired: { level: 'action', words: 'keeps the old shape: nobody approved its contract' },
  refused: { level: 'action', words: 'was refused' },
  superseded: { level: 'info', words: 'was superseded' },
  'rolled-back': { level: 'action', words: 'was stopped' },
  'up-to-date': { level: 'info', words: 'has nothing to do' },
}

function endAlert(news: DataNews, outcome: Outcome): Alert {
  const { level, words } = ends[outcome]
  const id = nameOf(news.plan)
  const images = outcome === 'succeeded' ? '' : 'The new version keeps running; no image is rolled back for this.'
  const alert = alertOf(news, level, words, [news.message, images])
  if (outcome === 'succeeded') return alert
  const commands = [`refit data status ${id}`, `refit data start ${id}`]
  return { ...alert, text: [codeBlock(commands), alert.text].join('\n') }
}

/** A data workflow that lost its workflow. */
export const dataOrphanAlert = (news: { hub: Hub; plan: Plan; dataId: string; message: string }): Alert =>
  endAlert(
    {
      ...{ ...news, temporalNamespace: 'default', planHash: '', key: 'orphaned', phase: 'backfill' as const },
      ...{ kind: 'data-ended' as const },
    },
    'held',
  )

/** Backfill or contract stopped after an upgrade that succeeded: the images stay, a person is paged. */
export function dataAlert(news: { hub: Hub; plan: Plan; upgradeId: string; phase: DataPhase; reason: string }): Alert {
  const { plan, upgradeId, phase, reason } = news
  const title = `${nameOf(plan)}: ${phase} stopped`
  return {
    key: `data/${upgradeId}/${phase}`,
    level: 'page',
    hub: news.hub.name,
    title,
    text: `${hubName(news.hub)}: the ${phase} of *${plain(nameOf(plan))}* ${plain(plan.to.tag)} stopped. ${plain(reason)}\nThe new version keeps running; no image is rolled back for this.`,
    thread: upgradeId,
    facts: { ...factsOf(plan), upgradeId, phase, reason },
  }
}

function alertOf(news: DataNews, level: AlertLevel, words: string, lines: string[]): Alert {
  const { hub, plan, dataId, planHash, key, phase, by, message, temporalUi, temporalNamespace } = news
  const { service, to } = plan
  const workflowId = dataWorkflowId(service.namespace, service.name)
  return {
    key: `data/${dataId}/${key}`,
    level,
    hub: hub.name,
    title: `the data of ${nameOf(plan)} ${to.tag} ${words}`,
    text: [
      `${hubName(hub)}: the data of *${plain(nameOf(plan))}* ${plain(to.tag)} ${words}`,
      ...lines.filter(Boolean).map(plain),
    ].join('\n'),
    thread: dataId,
    ...(news.kind === 'refused' ? { aside: true } : {}),
    ...(temporalUi ? { url: workflowPage(temporalUi, temporalNamespace, workflowId) } : {}),
    facts: {
      ...factsOf(plan),
      ...{ dataId, planHash, phase, reason: message },
      ...(by ? { by } : {}),
    },
  }
}

const nameOf = ({ service }: Plan): string => `${service.namespace}/${service.name}`

const factsOf = ({ service, from, to }: Plan): Record<string, string> => ({
  namespace: service.namespace,
  service: service.name,
  from: from.tag,
  to: to.tag,
  digest: to.digest,
})
