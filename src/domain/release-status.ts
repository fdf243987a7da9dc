import type { Outcome } from './status'
import { releaseWorkflowId, signalCommand } from './temporal-names'

/** The stages of a release, in the words of an upgrade's. */
export const releasePhases = ['plan', 'approval', 'window', 'rollout', 'rollback'] as const
export type ReleasePhase = (typeof releasePhases)[number]

/** What the `status` query of a release answers. */
export interface ReleaseStatus {
  release: string
  releaseId: string
  phase: ReleasePhase
  outcome?: Outcome
  /** of all its plans in their order */
  planHash?: string
  /** in words; empty when it waits for nobody */
  waitingFor: string
  /** ISO instant since when the phase lasts */
  since: string
  message: string
  /** from 1 */
  wave?: { number: number; of: number }
  /** one line per wave: `hub/ledger v1.0.0 → v1.1.0` */
  waves: string[]
  /** votes so far, in words */
  votes?: string
  /** messages that were refused, newest last, at most 20 */
  refusals: { verb: string; by: string; reason: string }[]
}

const comesNext: Record<ReleasePhase, string> = {
  plan: 'one approval for all of it, if the policies ask for one',
  approval: 'the window that all its services share, then the first wave',
  window: 'the first wave starts by itself',
  rollout: 'when every service is healthy the release has succeeded; a failure stops the line',
  rollback: 'what the release upgraded is put back, in reverse order',
}

/** The exact commands that approve a release: Refit's, and the one that works with no worker up. */
export function approveReleaseCommands(
  { release, planHash }: { release: string; planHash?: string },
  temporalNamespace: string,
): string[] {
  const input = { by: 'you@example.org', planHash }
  return [
    `refit release approve ${release} --plan ${planHash}`,
    signalCommand({ temporalNamespace, workflowId: releaseWorkflowId(release), name: 'approve', input }),
  ]
}

/** Markdown for Temporal's current details. */
export function releaseDetails(status: ReleaseStatus, temporalNamespace: string): string {
  const { release, phase, outcome, planHash, waitingFor, since, message, wave, waves, votes, refusals } = status
  const lines = [`**release ${plain(release)}**`, '']
  if (outcome) lines.push(`Ended **${outcome}** at ${since}: ${plain(message)}`)
  else {
    lines.push(`| | |`, `|---|---|`, `| phase | **${phase}** since ${since} |`, `| now | ${plain(message)} |`)
    if (waitingFor) lines.push(`| waits for | **${plain(waitingFor)}** |`)
    if (votes) lines.push(`| votes | ${plain(votes)} |`)
    if (wave) lines.push(`| wave | ${wave.number} of ${wave.of} |`)
    lines.push(`| next | ${comesNext[phase]} |`)
    if (planHash) lines.push(`| plan | \`${planHash}\` |`)
  }
  for (const [index, line] of waves.entries()) lines.push('', `${index + 1}. ${plain(line)}`)
  if (phase === 'approval' && !outcome && planHash)
    lines.push(
      '',
      'Approve with either of',
      ...approveReleaseCommands(status, temporalNamespace).flatMap((command) => ['', `\`${command}\``]),
    )
  if (!outcome && phase !== 'rollback')
    lines.push(
      '',
      `\`refit release abort ${release}\`, or Request Cancellation on this page, stops it and puts back what it upgraded; Terminate does not.`,
    )
  const last = refusals.at(-1)
  if (last) lines.push('', `Last refused: ${last.verb} by ${plain(last.by)}: ${plain(last.reason)}`)
  lines.push('', '\u00a0')
  return lines.join('\n')
}

// What people wrote must not become a link, a table cell or a heading in the operators' page.
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|]/g, '\\$&')
