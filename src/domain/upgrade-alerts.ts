import { type Alert, type AlertLevel, codeBlock, type Hub, hubName, plain } from './alert'
import { changeWords, securityWords } from './change-words'
import type { Candidate } from './decision'
import { type Diagnosis, diagnosisWords } from './diagnosis'
import type { EventKind } from './event'
import { heldCommands, logBlock, nextSteps } from './end-words'
import { heldSection } from './held'
import { approvalStatus } from './approval-status'
import { rehearsalSentence } from './migrations/rehearsal-words'
import { type Plan, rulesOf } from './plan'
import { approveCommands, type Outcome, type Phase } from './status'
import type { PromotionEvidence } from './promotion'
import { upgradeWorkflowId, workflowPage } from './temporal-names'
import { durationWords, instant } from './text'
import { newVotes } from './votes'

export interface UpgradeNews {
  hub: Hub
  /** of the hub's workflows, for the commands */
  temporalNamespace: string
  /** base URL of Temporal's Web UI */
  temporalUi?: string | undefined
  plan: Plan
  /** of a question: why this image is offered, and what changes with it */
  offered?: { reason: string; candidate: Candidate } | undefined
  planHash: string
  upgradeId: string
  /** of the recorded entry: once per upgrade */
  key: string
  phase: Phase
  kind: EventKind
  /** what the hub's release says to the tag, when it names another one */
  outOfSync?: string
  message: string
  outcome?: Outcome
  by?: string
  /** epoch milliseconds: when the question expires */
  expiresAt?: number
  /** of a rollback: the digest is not to blame */
  offeredAgain?: boolean
  /** of a question: what the look at the cluster found worth knowing */
  warnings?: string[]
  /** of an end as held: why, in a machine word */
  heldReason?: string
  /** what was seen when the verdict fell */
  diagnosis?: Diagnosis | undefined
  /** what was set back, in words */
  undone?: string[] | undefined
  /** what another hub says of the candidate */
  promoted?: PromotionEvidence
}

/** The alert that belongs to one recorded entry of an upgrade; undefined where the entry is nobody's news. */
export function upgradeAlert(news: UpgradeNews): Alert | undefined {
  if (news.outcome) return endAlert(news, news.outcome)
  if (news.kind === 'entered') return phaseAlert(news)
  if (news.kind === 'escalated' || news.kind === 'asked-again') return askingAlert(news)
  if (news.kind === 'waits' && news.message.startsWith('goes on'))
    return alertOf(news, 'info', 'goes on', [news.message])
  const said = saidWords[news.kind]
  return said && alertOf(news, said.level, said.words, [news.message])
}

/** What people said, and what it did to the upgrade. */
const saidWords: Partial<Record<EventKind, { level: AlertLevel; words: string }>> = {
  requested: { level: 'info', words: 'was requested' },
  voted: { level: 'info', words: 'has an approval more' },
  approved: { level: 'info', words: 'approved' },
  withdrawn: { level: 'info', words: 'has an approval less' },
  snoozed: { level: 'info', words: 'was snoozed' },
  emergency: { level: 'page', words: 'starts as an EMERGENCY' },
  paused: { level: 'action', words: 'was paused' },
  resumed: { level: 'info', words: 'was resumed' },
  waits: { level: 'action', words: 'stands still' },
  refused: { level: 'info', words: 'a message was refused' },
}

/** The question again: before it expires, or because a snooze is over. */
function askingAlert(news: UpgradeNews): Alert {
  const commands = commandsOf(news)
  const ends = news.expiresAt === undefined ? '' : ` expires at ${instant(news.expiresAt)}`
  const words =
    news.kind === 'escalated'
      ? `${ends.trim() || 'expires soon'}: ${commands.at(0)}`
      : `waits for approval again${ends && `,${ends}`}`
  return asking(news, alertOf(news, 'action', words, [news.message]))
}

const commandsOf = ({ plan, planHash, temporalNamespace }: UpgradeNews): string[] => {
  const approval = approvalStatus(newVotes(planHash), rulesOf(plan), undefined)
  const { namespace, name: service } = plan.service
  return approveCommands({ namespace, service, planHash, approval }, temporalNamespace)
}

function phaseAlert(news: UpgradeNews): Alert | undefined {
  switch (news.phase) {
    case 'approval':
      return approvalAlert(news)
    case 'window':
      return alertOf(news, 'info', 'waits for its window', [news.message])
    case 'backfill':
      return alertOf(news, 'info', 'is being backfilled before its rollout', [news.message])
    case 'rollout':
      return alertOf(news, 'info', 'is being rolled out', [news.message])
    case 'rollback':
      return alertOf(news, 'info', 'is being rolled back', [news.message])
    case 'plan':
    case 'preflight':
    case 'expand':
    case 'bake':
      return undefined
  }
}

/** The commands come first: they must be on the screen of a phone without scrolling. */
function approvalAlert(news: UpgradeNews): Alert {
  const { plan, planHash } = news
  const { namespace, name: service } = plan.service
  const alert = alertOf(news, 'action', 'waits for approval', [
    news.outOfSync ?? '',
    ...offeredLines(news),
    `It would change ${plan.workloads.map(({ name }) => name).join(', ')}${migrationWords(plan)}; a failure puts everything back.`,
    ...warningLines(news),
    rehearsalSentence(plan.migrations.flatMap((each) => (each.kind === 'knex' ? [each] : []))),
    promotedWords(news),
    `The question expires after ${durationWords(plan.policy.approval.expiresMs)}. To say no: refit reject ${namespace}/${service} --plan ${planHash}`,
  ])
  return asking(news, alert)
}

/** A question has the commands and the buttons that answer it. */
function asking(news: UpgradeNews, alert: Alert): Alert {
  const { upgradeId, planHash } = news
  return {
    ...alert,
    text: [codeBlock(commandsOf(news)), alert.text].join('\n'),
    aside: false,
    actions: { upgradeId, planHash },
  }
}

/** Why now, and what a person can read before the answer. */
function offeredLines({ offered }: UpgradeNews): string[] {
  if (!offered) return []
  const { reason, candidate } = offered
  return [`Offered because ${reason.replace(/\.$/, '')}.`, securityWords(candidate), changeWords(candidate)]
}

/** No more than fit beside the rest; all of them are in `refit plan`. */
const mostWarnings = 6

function warningLines({ warnings = [] }: UpgradeNews): string[] {
  const more = warnings.length - mostWarnings
  return [
    ...warnings.slice(0, mostWarnings).map((warning) => `Worth knowing: ${warning.replace(/\.$/, '')}.`),
    ...(more > 0 ? [`${more} more of these: refit plan.`] : []),
  ]
}

const promotedWords = ({ promoted, plan }: UpgradeNews): string =>
  promoted
    ? `The same digest and migrations succeeded on ${promoted.hub} ${instant(promoted.since)} (plan ${promoted.planHash} there), and had to run there for ${durationWords(plan.policy.promote?.bakedForMs ?? 0)}.`
    : ''

function migrationWords({ migrations }: Plan): string {
  const words = migrations.map((migration) => {
    if (migration.kind === 'job') return `run "${migration.command.join(' ')}" once in the new image`
    return `migrate the data (${migration.files.map(({ phase, name }) => `${phase}/${name}`).join(', ')})`
  })
  return words.length > 0 ? `, and before that ${words.join(', ')}` : ''
}

const ends: Record<Outcome, { level: AlertLevel; words: string } | undefined> = {
  succeeded: { level: 'info', words: 'succeeded' },
  'rolled-back': { level: 'action', words: 'was rolled back' },
  rejected: { level: 'info', words: 'was rejected' },
  expired: { level: 'action', words: 'expired' },
  refused: { level: 'action', words: 'was refused' },
  superseded: { level: 'info', words: 'was superseded' },
  aborted: { level: 'action', words: 'was aborted' },
  held: { level: 'page', words: 'is HELD and needs a person' },
  'up-to-date': undefined,
}

function endAlert(news: UpgradeNews, outcome: Outcome): Alert | undefined {
  const end = ends[outcome]
  if (!end) return undefined
  // Who asked for the way back needs to hear at once that it failed.
  const level = outcome === 'rolled-back' && news.plan.rollbackOf !== undefined ? 'page' : end.level
  const { diagnosis, undone = [] } = news
  const alert = alertOf(news, level, end.words, [
    news.message,
    ...nextSteps(news, outcome),
    ...(diagnosis ? diagnosisWords(diagnosis) : []),
    undone.length > 0 ? `Undone: ${undone.join('; ')}.` : '',
  ])
  const text = [...heldCommands(news, outcome), alert.text, ...logBlock(diagnosis)].join('\n')
  const facts: Record<string, string> = {
    ...alert.facts,
    ...(diagnosis ? { rule: diagnosis.rule } : {}),
    ...(outcome === 'held' ? { runbook: `docs/runbook.md#${heldSection(news.heldReason)}` } : {}),
  }
  return { ...alert, text, facts }
}

/** A person says that what was held is repaired. */
export function resolvedAlert(news: { hub: Hub; plan: Plan; upgradeId: string; by: string; reason: string }): Alert {
  const { hub, plan, upgradeId, by, reason } = news
  const title = `${nameOf(plan)} ${plan.from.tag} → ${plan.to.tag} was resolved by ${by}`
  return {
    key: `upgrade/${upgradeId}/resolved`,
    level: 'info',
    hub: hub.name,
    title,
    text: `${hubName(hub)}: *${plain(title)}*\n${plain(reason)}`,
    thread: upgradeId,
    facts: { ...factsOf(plan), upgradeId, by, reason },
  }
}

function alertOf(news: UpgradeNews, level: AlertLevel, words: string, lines: string[]): Alert {
  const { hub, temporalNamespace, temporalUi, plan, planHash, upgradeId, key, phase, by, message } = news
  const name = nameOf(plan)
  return {
    key: `upgrade/${upgradeId}/${key}`,
    level,
    hub: hub.name,
    title: `${name} ${plan.from.tag} → ${plan.to.tag} ${words}`,
    text: [
      `${hubName(hub)}: *${plain(name)}* ${plain(plan.from.tag)} → ${plain(plan.to.tag)} ${words}`,
      ...lines.filter(Boolean).map(plain),
    ].join('\n'),
    thread: upgradeId,
    ...(isAside(news) ? { aside: true } : {}),
    ...pageOf(plan, temporalNamespace, temporalUi),
    facts: { ...factsOf(plan), upgradeId, planHash, phase, reason: message, ...(by ? { by } : {}) },
  }
}

/** While it waits for approval it goes on waiting, whatever is said meanwhile. */
const isAside = ({ phase, kind, outcome }: UpgradeNews): boolean =>
  outcome === undefined && (kind === 'refused' || (phase === 'approval' && kind !== 'entered' && kind !== 'approved'))

const pageOf = ({ service }: Plan, temporalNamespace: string, webUi: string | undefined): { url?: string } =>
  webUi ? { url: workflowPage(webUi, temporalNamespace, upgradeWorkflowId(service.namespace, service.name)) } : {}

const nameOf = ({ service }: Plan): string => `${service.namespace}/${service.name}`

const factsOf = ({ service, from, to }: Plan): Record<string, string> => ({
  namespace: service.namespace,
  service: service.name,
  from: from.tag,
  to: to.tag,
  digest: to.digest,
})
