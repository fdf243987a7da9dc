/** The stages of an upgrade, in order, in the words of docs/concepts.md. */
export const phases = ['plan', 'approval', 'window', 'preflight', 'expand', 'rollout', 'bake', 'rollback'] as const
export type Phase = (typeof phases)[number]

export const outcomes = ['succeeded', 'rolled-back', 'rejected', 'expired', 'refused', 'superseded', 'aborted', 'held', 'up-to-date'] as const
export type Outcome = (typeof outcomes)[number]

/** What the `status` query answers, and what the store keeps of an upgrade. */
export interface UpgradeStatus {
  namespace: string
  service: string
  phase: Phase
  outcome?: Outcome
  upgradeId?: string
  planHash?: string
  from?: string
  to: string
  /** in words: what it waits for; empty when it waits for nobody */
  waitingFor: string
  /** ISO instant since when the phase lasts */
  since: string
  /** what happened last or why it ended, in words */
  message: string
  /** messages that were refused, newest last, at most 20 */
  refusals: { verb: string; by: string; reason: string }[]
}

/** What follows each phase when it goes well. */
const nextPhase: Record<Phase, string> = {
  plan: 'approval',
  approval: 'window, then preflight',
  window: 'preflight',
  preflight: 'expand, then rollout',
  expand: 'rollout',
  rollout: 'bake',
  bake: 'succeeded',
  rollback: 'rolled-back',
}

/** Markdown for the Temporal Web UI's current details: where the upgrade stands, what it waits for, what to type. */
export function detailsOf(status: UpgradeStatus): string {
  const { namespace, service, phase, outcome, planHash, from, to, waitingFor, since, message, refusals } = status
  const lines = [`**${namespace}/${service}** ${from ? `${from} → ${to}` : `→ ${to}`}`, '']
  if (outcome) lines.push(`Ended **${outcome}** at ${since}: ${message}`)
  else {
    lines.push(`| | |`, `|---|---|`, `| phase | **${phase}** since ${since} |`, `| now | ${message} |`)
    if (waitingFor) lines.push(`| waits for | **${waitingFor}** |`)
    lines.push(`| next | ${nextPhase[phase]} |`)
    if (planHash) lines.push(`| plan | \`${planHash}\` |`)
  }
  if (phase === 'approval' && !outcome && planHash) lines.push('', 'Approve with', '', '```', ...approveCommands(status), '```')
  if (!outcome && phase !== 'rollback') lines.push('', `Cancel in this page stops it and puts back what was done; Terminate does not.`)
  const last = refusals.at(-1)
  if (last) lines.push('', `Last refused: ${last.verb} by ${last.by}: ${last.reason}`)
  return lines.join('\n')
}

/** The exact commands that approve the waiting plan: Refit's, and the one that works with no worker up. */
export function approveCommands({ namespace, service, planHash }: Pick<UpgradeStatus, 'namespace' | 'service' | 'planHash'>): string[] {
  const input = JSON.stringify({ by: 'you@example.org', planHash })
  return [
    `refit approve ${namespace}/${service} --plan ${planHash}`,
    `temporal workflow signal -w refit/upgrade/${namespace}/${service} --name approve --input '${input}'`,
  ]
}

/** Where an upgrade may go from each phase. Rejected, expired and superseded are only possible before the first write. */
export const allowedNext: Record<Phase, readonly (Phase | Outcome)[]> = {
  plan: ['approval', 'window', 'preflight', 'up-to-date', 'refused', 'superseded', 'aborted', 'held'],
  approval: ['window', 'preflight', 'rejected', 'expired', 'superseded', 'aborted', 'held'],
  window: ['preflight', 'refused', 'superseded', 'aborted', 'held'],
  preflight: ['expand', 'rollout', 'refused', 'aborted', 'held'],
  expand: ['rollout', 'rollback', 'rolled-back', 'aborted', 'held'],
  rollout: ['bake', 'rollback', 'held'],
  bake: ['succeeded', 'rollback', 'held'],
  rollback: ['rolled-back', 'aborted', 'held'],
}

const comesNext: Record<Phase, string> = {
  plan: 'then it asks for approval, if the policy wants one',
  approval: 'once approved it waits for an upgrade window, checks everything again and starts',
  window: 'then everything is checked again and it starts by itself',
  preflight: 'then the data is expanded and the image rolled out',
  expand: 'then the image is rolled out; old code keeps running on the expanded schema',
  rollout: 'then the new pods are watched; a failure puts everything back',
  bake: 'then it counts as succeeded; a failure puts everything back',
  rollback: 'then the digest is quarantined, and the hub runs what it ran before',
}

/** The commands that answer an upgrade that waits, to copy as they are but for the name. */
export function commandsOf({ namespace, service, planHash }: Pick<UpgradeStatus, 'namespace' | 'service' | 'planHash'>) {
  const signal = (name: string, input: Record<string, string>): string =>
    `temporal workflow signal --workflow-id 'refit/upgrade/${namespace}/${service}' --name ${name} --input '${JSON.stringify(input)}'`
  const vote = { by: 'YOUR NAME', planHash: planHash ?? '' }
  return {
    approve: { refit: `refit approve ${namespace}/${service} --plan ${vote.planHash} --by 'YOUR NAME'`, temporal: signal('approve', vote) },
    reject: { refit: `refit reject ${namespace}/${service} --plan ${vote.planHash} --by 'YOUR NAME'`, temporal: signal('reject', vote) },
    abort: { refit: `refit abort ${namespace}/${service} --by 'YOUR NAME'`, temporal: signal('abort', { by: vote.by }) },
  }
}

/**
 * Markdown for Temporal's current details: where the upgrade stands, what it waits for and since when, what comes next,
 * and the exact commands that answer it.
 */
export function detailsOf(status: UpgradeStatus, commands = commandsOf(status)): string {
  const { namespace, service, phase, outcome, from, to, waitingFor, since, message, planHash } = status
  const lines = [`**${namespace}/${service}** ${from ? `${from} → ${to}` : `→ ${to}`}: **${outcome ?? phase}** since ${since}`]
  if (message) lines.push(plain(message))
  if (!outcome && waitingFor) lines.push(`Waits for ${plain(waitingFor)}.`)
  if (!outcome) lines.push(`Next: ${comesNext[phase]}.`)
  if (planHash) lines.push(`Plan \`${planHash}\`: \`refit plan ${namespace}/${service}\` shows it.`)
  if (!outcome && phase === 'approval' && planHash)
    lines.push(fenced('Approve it', commands.approve.refit, commands.approve.temporal), fenced('Reject it', commands.reject.refit))
  else if (!outcome && phase !== 'rollback') lines.push(fenced('Stop it and put back what was done', commands.abort.refit))
  if (outcome === 'held') lines.push(fenced('When it is repaired', `refit resolve ${namespace}/${service} --by 'YOUR NAME' --reason '…'`))
  if (status.refusals.length > 0) lines.push(['Refused messages:', ...status.refusals.slice(-5).map(refusalLine)].join('\n'))
  return lines.join('\n\n')
}

const fenced = (title: string, ...commands: string[]): string => `${title}:\n\`\`\`\n${commands.join('\n')}\n\`\`\``
const refusalLine = ({ verb, by, reason }: UpgradeStatus['refusals'][number]): string => `- ${verb} by ${plain(by)}: ${plain(reason)}`

// What people wrote must not become a link or a heading in the operators' page.
const plain = (text: string): string => text.replace(/[\\`*_[\]<>#|]/g, '\\$&')
