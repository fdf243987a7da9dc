import { signalCommand, upgradeWorkflowId } from './temporal-names'

/** The stages of an upgrade, in order, in the words of docs/concepts.md. */
export const phases = ['plan', 'approval', 'window', 'preflight', 'expand', 'rollout', 'bake', 'rollback'] as const
export type Phase = (typeof phases)[number]

export const outcomes = [
  'succeeded',
  'rolled-back',
  'rejected',
  'expired',
  'refused',
  'superseded',
  'aborted',
  'held',
  'up-to-date',
] as const
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

const comesNext: Record<Phase, string> = {
  plan: 'approval, if the policy asks for one',
  approval: 'the upgrade window, then everything is checked again and it starts',
  window: 'everything is checked again, then it starts by itself',
  preflight: 'the data is expanded, then the image rolled out',
  expand: 'the image is rolled out; old code keeps running on the expanded schema',
  rollout: 'the new pods are watched; a failure puts everything back',
  bake: 'it counts as succeeded; a failure puts everything back',
  rollback: 'the service runs what it ran before',
}

/** The exact commands that approve the waiting plan: Refit's, and the one that works with no worker up. */
export function approveCommands(
  { namespace, service, planHash }: Pick<UpgradeStatus, 'namespace' | 'service' | 'planHash'>,
  temporalNamespace: string,
): string[] {
  const input = { by: 'you@example.org', planHash }
  return [
    `refit approve ${namespace}/${service} --plan ${planHash}`,
    signalCommand({ temporalNamespace, workflowId: upgradeWorkflowId(namespace, service), name: 'approve', input }),
  ]
}

/**
 * Markdown for Temporal's current details: where the upgrade stands, what it waits for and since when, what comes next,
 * and the exact commands that answer it.
 */
export function detailsOf(status: UpgradeStatus, temporalNamespace: string): string {
  const { namespace, service, phase, outcome, planHash, from, to, waitingFor, since, message, refusals } = status
  const lines = [`**${namespace}/${service}** ${from ? `${from} → ${to}` : `→ ${to}`}`, '']
  if (outcome) lines.push(`Ended **${outcome}** at ${since}: ${plain(message)}`)
  else {
    lines.push(`| | |`, `|---|---|`, `| phase | **${phase}** since ${since} |`, `| now | ${plain(message)} |`)
    if (waitingFor) lines.push(`| waits for | **${plain(waitingFor)}** |`)
    lines.push(`| next | ${comesNext[phase]} |`)
    if (planHash) lines.push(`| plan | \`${planHash}\` |`)
  }
  // Inline code wraps; the Web UI cuts a code block off at its right edge.
  if (phase === 'approval' && !outcome && planHash)
    lines.push(
      '',
      'Approve with either of',
      ...approveCommands(status, temporalNamespace).flatMap((command) => ['', `\`${command}\``]),
    )
  if (!outcome && phase !== 'rollback')
    lines.push(
      '',
      `\`refit abort ${namespace}/${service}\`, or Request Cancellation on this page, stops it and puts back what was done; Terminate does not.`,
    )
  if (outcome === 'held') lines.push('', `When it is repaired by hand: \`refit resolve ${namespace}/${service}\``)
  const last = refusals.at(-1)
  if (last) lines.push('', `Last refused: ${last.verb} by ${plain(last.by)}: ${plain(last.reason)}`)
  // The Web UI's frame is a line too short for what it shows: it may cut off this one.
  lines.push('', '\u00a0')
  return lines.join('\n')
}

// What people wrote must not become a link, a table cell or a heading in the operators' page.
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|]/g, '\\$&')
