import { heldAdvice } from './held'
import { signalCommand, upgradeWorkflowId } from './temporal-names'

/** The stages of an upgrade, in order, in the words of docs/concepts.md. */
export const phases = [
  'plan',
  'approval',
  'window',
  'preflight',
  'expand',
  'backfill',
  'rollout',
  'bake',
  'rollback',
] as const
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
  /** of an end as held: why, in a machine word */
  heldReason?: string
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
  /** what people have said so far, once there is a plan */
  approval?: ApprovalStatus
  /** ISO instant; while it waits for a window or for a freeze's last day */
  opensAt?: string
  /** what the look at the cluster found worth knowing, when the plan was made */
  warnings?: string[]
}

/** What people have said of a plan, and what is lacking. Instants are ISO. */
export interface ApprovalStatus {
  /** how many different people must say yes; 0: nobody is asked */
  required: number
  approvals: { by: string; verified: boolean; reason: string }[]
  /** only members of one of these may approve or reject; empty: anybody */
  groups: string[]
  /** names that come without a token or Slack count for nothing */
  verifiedOnly: boolean
  /** a person must request it before another one approves */
  wantsRequest: boolean
  requestedBy?: string
  changeReference?: string
  expiresAt?: string
  snoozed?: { by: string; until: string }
  paused?: { by: string; reason: string }
  emergency?: { by: string; reason: string; overrideFreeze: boolean }
}

/** What follows each phase, in words. */
export const comesNext: Record<Phase, string> = {
  plan: 'approval, if the policy asks for one',
  approval: 'the upgrade window, then everything is checked again and it starts',
  window: 'everything is checked again, then it starts by itself',
  preflight: 'the data is expanded, then the image rolled out',
  expand: 'the image is rolled out; old code keeps running on the expanded schema',
  backfill: 'its proof must find no row left, then the image is rolled out',
  rollout: 'the new pods are watched; a failure puts everything back',
  bake: 'it counts as succeeded; a failure puts everything back',
  rollback: 'the service runs what it ran before',
}

/**
 * The exact commands that bring the waiting plan on: Refit's, with a token (docs/approvals.md), and, where names that
 * nobody verified count, the one of Temporal's CLI, which works with no worker up.
 */
export function approveCommands(
  { namespace, service, planHash, approval }: Pick<UpgradeStatus, 'namespace' | 'service' | 'planHash' | 'approval'>,
  temporalNamespace: string,
): string[] {
  const command = (verb: string): string => `refit ${verb} ${namespace}/${service} --plan ${planHash}`
  if (approval?.wantsRequest) return [command('request'), command('approve')]
  if (approval?.verifiedOnly) return [command('approve')]
  const input = { by: 'you@example.org', planHash }
  return [
    command('approve'),
    signalCommand({ temporalNamespace, workflowId: upgradeWorkflowId(namespace, service), name: 'approve', input }),
  ]
}

/**
 * Markdown for Temporal's current details: where the upgrade stands, what it waits for and since when, what comes next,
 * and the exact commands that answer it.
 */
export function detailsOf(status: UpgradeStatus, temporalNamespace: string): string {
  const {
    namespace,
    service,
    phase,
    outcome,
    planHash,
    from,
    to,
    waitingFor,
    since,
    message,
    refusals,
    approval,
    warnings,
  } = status
  const lines = [`**${namespace}/${service}** ${from ? `${from} → ${to}` : `→ ${to}`}`, '']
  if (outcome) lines.push(`Ended **${outcome}** at ${since}: ${plain(message)}`)
  else {
    lines.push(`| | |`, `|---|---|`, `| phase | **${phase}** since ${since} |`, `| now | ${plain(message)} |`)
    if (waitingFor) lines.push(`| waits for | **${plain(waitingFor)}** |`)
    lines.push(`| next | ${comesNext[phase]} |`)
    if (planHash) lines.push(`| plan | \`${planHash}\` |`)
    lines.push(...factRows(status).map(([what, said]) => `| ${what} | ${plain(said)} |`))
  }
  // Inline code wraps; the Web UI cuts a code block off at its right edge.
  const code = (commands: string[]): string[] => commands.flatMap((command) => ['', `\`${command}\``])
  if (!outcome && warnings) lines.push('', 'Worth knowing:', '', ...warnings.map((warning) => `- ${plain(warning)}`))
  if (phase === 'approval' && !outcome && planHash)
    lines.push('', howToApprove(approval), ...code(approveCommands(status, temporalNamespace)))
  if (approval?.paused && !outcome) lines.push('', 'To go on:', ...code([`refit resume ${namespace}/${service}`]))
  if (!outcome && phase !== 'rollback')
    lines.push(
      '',
      `\`refit abort ${namespace}/${service}\`, or Request Cancellation on this page, stops it and puts back what was done; Terminate does not.`,
    )
  if (outcome === 'held') {
    const { commands, page } = heldAdvice({
      namespace,
      service,
      id: status.upgradeId ?? 'ID',
      reason: status.heldReason,
    })
    lines.push(
      '',
      `What to do (${page}):`,
      ...code([...commands, `refit resolve ${namespace}/${service} --reason TEXT`]),
    )
  }
  const last = refusals.at(-1)
  if (last) lines.push('', `Last refused: ${last.verb} by ${plain(last.by)}: ${plain(last.reason)}`)
  // The Web UI's frame is a line too short for what it shows: it may cut off this one.
  lines.push('', '\u00a0')
  return lines.join('\n')
}

function howToApprove(approval: ApprovalStatus | undefined): string {
  if (approval?.wantsRequest) return 'Somebody requests it, then somebody else approves it, each with an API token:'
  return approval?.verifiedOnly ? 'Approve with an API token, or by the button in Slack:' : 'Approve with either of'
}

/** What people have said, in rows of a table. */
function factRows({ approval, opensAt, phase }: UpgradeStatus): [string, string][] {
  const rows: [string, string | undefined][] = [['next opening', opensAt]]
  if (approval) {
    const { required, approvals, groups, requestedBy, changeReference, expiresAt, snoozed, paused, emergency } =
      approval
    const names = approvals.map(({ by, verified }) => (verified ? by : `${by} (not verified)`))
    rows.push(
      [
        'approvals',
        required > 0 || names.length > 0
          ? `${names.length} of ${Math.max(required, 1)}${names.length > 0 ? `: ${names.join(', ')}` : ''}`
          : undefined,
      ],
      ['by members of', groups.length > 0 ? groups.join(', ') : undefined],
      ['requested by', requestedBy],
      ['change', changeReference],
      ['expires', phase === 'approval' ? expiresAt : undefined],
      ['snoozed', snoozed && `until ${snoozed.until} by ${snoozed.by}`],
      ['paused', paused && `by ${paused.by}${paused.reason ? `: ${paused.reason}` : ''}`],
      [
        'emergency',
        emergency && `${emergency.by}: ${emergency.reason}${emergency.overrideFreeze ? ' (also in freezes)' : ''}`,
      ],
    )
  }
  return rows.filter((row): row is [string, string] => row[1] !== undefined)
}

// What people wrote must not become a link, a table cell or a heading in the operators' page.
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|]/g, '\\$&')
