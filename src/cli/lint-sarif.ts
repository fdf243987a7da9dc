import { pathToFileURL } from 'node:url'
import { isAbsolute } from 'node:path'
import type { Log, ReportingDescriptor, Result } from 'sarif'
import type { Finding, Severity } from '../domain/migrations/lint/contracts'
import { ruleIds, rules } from '../domain/migrations/lint/rules'
import type { LintReport } from '../operations/lint-migrations'
import { version } from './version'

const levels: Record<Severity, Result.level> = {
  fails: 'error',
  heavy: 'error',
  'breaks-old-code': 'error',
  destructive: 'error',
  form: 'warning',
}
const notLinted = 'not-linted'

/** The report as SARIF 2.1.0, as code scanning takes it. */
export function toSarif(report: LintReport): Log {
  return logOf(
    'refit migrations lint',
    [
      ...ruleIds.map((id) => ({
        id,
        shortDescription: { text: rules[id].why },
        help: { text: rules[id].safe },
        defaultConfiguration: { level: levels[rules[id].severity] },
        properties: { tags: [rules[id].severity] },
      })),
      { id: notLinted, shortDescription: { text: 'The file is not judged from its text.' } },
    ],
    [
      ...report.files.flatMap(({ file, findings }) => findings.map((finding) => resultOf(file, finding))),
      ...report.notLinted.map(({ file, reason }) => ({
        ruleId: notLinted,
        ruleIndex: ruleIds.length,
        level: 'note' as const,
        message: { text: `Not linted: ${reason}.` },
        locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) } } }],
      })),
    ],
  )
}

/** A log of one run of a command. */
export const logOf = (name: string, known: ReportingDescriptor[], results: Result[]): Log => ({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name, semanticVersion: version(), rules: known } },
      columnKind: 'utf16CodeUnits',
      results,
    },
  ],
})

function resultOf(file: string, finding: Finding): Result {
  const { rule, severity, line, column, detail, rehearse, allowed } = finding
  const known = rehearse === undefined ? '' : ` Not known from the files: ${rehearse}; rehearse it.`
  return {
    ruleId: rule,
    ruleIndex: ruleIds.indexOf(rule),
    level: levels[severity],
    message: {
      text: `${detail === undefined ? '' : `${detail}: `}${rules[rule].why} Safe way: ${rules[rule].safe}${known}`,
    },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line, startColumn: column } },
      },
    ],
    ...(allowed === undefined ? {} : { suppressions: [{ kind: 'inSource', justification: allowed }] }),
  }
}

/** As SARIF names a file. */
export const uriOf = (file: string): string =>
  isAbsolute(file) ? pathToFileURL(file).href : file === '-' ? 'stdin' : encodeURI(file.replaceAll('\\', '/'))
