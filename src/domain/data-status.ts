import type { ApprovalStatus, Outcome } from './status'
import { dataWorkflowId, signalCommand } from './temporal-names'

/** The stages of a data workflow, in order, in the words of docs/migrations-data.md. */
export const dataStages = ['backfill', 'approval', 'window', 'contract'] as const
export type DataStage = (typeof dataStages)[number]

/** What the `status` query of a data workflow answers. Instants are ISO. */
export interface DataStatus {
  namespace: string
  service: string
  phase: DataStage
  outcome?: Outcome
  /** the upgrade whose data it is */
  upgradeId: string
  planHash: string
  from?: string
  to?: string
  /** in words: what or whom it waits for; empty when it waits for nobody */
  waitingFor: string
  since: string
  message: string
  /** messages that were refused, newest last, at most 20 */
  refusals: { verb: string; by: string; reason: string }[]
  approval?: ApprovalStatus
  opensAt?: string
}

const comesNext: Record<DataStage, string> = {
  backfill: 'contract, once its approval, the users of the schema, a window and a backup allow it',
  approval: 'every user of the schema must be past it, then contract waits for its window',
  window: 'contract starts by itself; it is final',
  contract: 'the old shape is gone; a failure is held for a person, and no image is rolled back for it',
}

/** The exact commands that approve a contract: Refit's, and where unverified names count the one of Temporal's CLI. */
export function approveContractCommands(
  { namespace, service, planHash, approval }: Pick<DataStatus, 'namespace' | 'service' | 'planHash' | 'approval'>,
  temporalNamespace: string,
): string[] {
  const ours = `refit data approve ${namespace}/${service} --plan ${planHash}`
  if (approval?.verifiedOnly) return [ours]
  const input = { by: 'you@example.org', planHash }
  const workflowId = dataWorkflowId(namespace, service)
  return [ours, signalCommand({ temporalNamespace, workflowId, name: 'approve', input })]
}

/** Markdown for Temporal's current details. */
export function dataDetails(status: DataStatus, temporalNamespace: string): string {
  const { namespace, service, phase, outcome, planHash, from, to, waitingFor, since, message, refusals } = status
  const id = `${namespace}/${service}`
  const lines = [`**data of ${id}**${to ? ` ${from} → ${to}` : ''}`, '']
  if (outcome) lines.push(`Ended **${outcome}** at ${since}: ${plain(message)}`)
  else {
    lines.push(`| | |`, `|---|---|`, `| phase | **${phase}** since ${since} |`, `| now | ${plain(message)} |`)
    if (waitingFor) lines.push(`| waits for | **${plain(waitingFor)}** |`)
    lines.push(`| next | ${comesNext[phase]} |`, `| plan | \`${planHash}\` |`)
    lines.push(...factRows(status).map(([what, said]) => `| ${what} | ${plain(said)} |`))
  }
  const code = (commands: string[]): string[] => commands.flatMap((command) => ['', `\`${command}\``])
  if (phase === 'approval' && !outcome)
    lines.push('', 'Approve the contract with', ...code(approveContractCommands(status, temporalNamespace)))
  if (status.approval?.paused && !outcome) lines.push('', 'To go on:', ...code([`refit data resume ${id}`]))
  if (!outcome)
    lines.push(
      '',
      `\`refit data abort ${id}\`, or Request Cancellation on this page, stops it at its next safe point; what is done stays.`,
    )
  else if (outcome !== 'succeeded') lines.push('', 'To go on where it stopped:', ...code([`refit data start ${id}`]))
  const last = refusals.at(-1)
  if (last) lines.push('', `Last refused: ${last.verb} by ${plain(last.by)}: ${plain(last.reason)}`)
  lines.push('', '\u00a0')
  return lines.join('\n')
}

function factRows({ approval, opensAt, phase }: DataStatus): [string, string][] {
  const { required = 0, approvals = [], groups = [], expiresAt, paused } = approval ?? {}
  const names = approvals.map(({ by, verified }) => (verified ? by : `${by} (not verified)`)).join(', ')
  const rows: [string, string | undefined][] = [
    ['next opening', opensAt],
    ['approvals', required > 0 ? `${approvals.length} of ${required}${names ? `: ${names}` : ''}` : undefined],
    ['by members of', groups.length > 0 ? groups.join(', ') : undefined],
    ['expires', phase === 'approval' ? expiresAt : undefined],
    ['paused', paused && `by ${paused.by}${paused.reason ? `: ${paused.reason}` : ''}`],
  ]
  return rows.filter((row): row is [string, string] => row[1] !== undefined)
}

// What people wrote must not become a link, a table cell or a heading in the operators' page.
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|]/g, '\\$&')
