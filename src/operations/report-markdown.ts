import { durationWords, instant } from '../domain/text'
import type { UpgradeReport } from './report'
import type { ShownYes } from './shown-approval'

/** The report as a Markdown document: what people wrote is text in it, never markup. */
export function reportMarkdown(report: UpgradeReport): string {
  const { hub, madeAt, upgrade, release, request, plan, evidence, approval, timeline, outcome } = report
  const { namespace, service, fromTag, toTag, toDigest, id, startedAt, endedAt } = upgrade
  return [
    `# ${plain(`${namespace}/${service}: ${fromTag} → ${toTag}`)}`,
    '',
    ...table(
      ['what', 'value'],
      [
        ['hub', `${hub.name} (${hub.environment})`],
        ['upgrade', id],
        ...(release === null ? [] : [['release', release]]),
        ['image digest', toDigest],
        [
          'outcome',
          `${outcome.kind ?? 'it runs'}${outcome.resolvedAs ? `, resolved as ${outcome.resolvedAs}` : ''}: ${outcome.message}`,
        ],
        ['wrote to the hub', outcome.wrote ? 'yes' : 'no'],
        ['started', instant(startedAt)],
        [
          'ended',
          endedAt ? `${instant(endedAt)}, after ${durationWords(endedAt.getTime() - startedAt.getTime())}` : 'not yet',
        ],
        ['report made', instant(madeAt)],
      ],
    ),
    ...section('Request', [
      `${plain(request.by)}${request.verified ? '' : ' (not verified)'} at ${instant(request.at)}: ${plain(request.reason)}`,
      ...(request.ticket === null ? [] : ['', `Ticket: ${plain(request.ticket)}`]),
    ]),
    ...section(`Plan ${plan.hash}`, [
      `By policy ${plain(plan.policy)} in mode ${plan.mode}.`,
      '',
      ...plan.lines.map((line) => `${line.startsWith('  ') ? '  ' : ''}- ${plain(line)}`),
    ]),
    ...section('Approval', approvalLines(approval)),
    ...section('Evidence', [
      ...(evidence.checks.length === 0
        ? ['Nothing was checked or migrated.']
        : evidence.checks.map((each) => `- ${instant(each.at)} ${each.phase}, ${each.kind}: ${plain(each.message)}`)),
      ...evidence.diagnoses.flatMap((each) => ['', `Diagnosis: ${plain(each.sentence)}`]),
      ...(evidence.logs.length === 0
        ? []
        : ['', `Kept logs: ${plain(evidence.logs.map(({ step }) => step).join(', '))}`]),
    ]),
    ...section(
      'Timeline',
      table(
        ['at', 'phase', 'what', 'by', 'message'],
        timeline.map(({ at, phase, kind, by, verified, message }) => [
          ...[instant(at), phase, kind, by === null ? '' : `${by}${verified ? '' : ' (not verified)'}`, message],
        ]),
      ),
    ),
    '',
  ].join('\n')
}

function approvalLines({
  required,
  groups,
  makerChecker,
  approvals,
  requestedBy,
}: UpgradeReport['approval']): string[] {
  if (required === 0 && approvals.length === 0) return ['The policy asks nobody.']
  const rule = `${required} needed${groups.length > 0 ? `, of ${groups.join(', ')}` : ''}${makerChecker ? ', requested by one person and approved by another' : ''}.`
  return [
    plain(rule),
    ...(requestedBy === null ? [] : ['', `Requested by ${plain(requestedBy)}.`]),
    '',
    ...(approvals.length === 0
      ? ['Nobody has approved it.']
      : table(
          ['who', 'how verified', 'groups', 'at', 'reason'],
          approvals.map((yes) => [yes.by, howVerified(yes), yes.groups.join(', '), instant(yes.at), yes.reason]),
        )),
  ]
}

const howVerified = ({ verified, via }: ShownYes): string => (verified ? `by ${via ?? 'a login'}` : 'not verified')

const section = (title: string, lines: string[]): string[] => ['', `## ${plain(title)}`, '', ...lines]

const table = (headers: string[], rows: string[][]): string[] => [
  `| ${headers.join(' | ')} |`,
  `|${headers.map(() => '---|').join('')}`,
  ...rows.map((row) => `| ${row.map(plain).join(' | ')} |`),
]

/** One line that no renderer takes for anything but text. */
const plain = (text: string): string =>
  text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|#&]/g, '\\$&')
