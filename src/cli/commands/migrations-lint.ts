import { text } from 'node:stream/consumers'
import type { Severity, TransactionMode } from '../../domain/migrations/lint/contracts'
import { rules } from '../../domain/migrations/lint/rules'
import { countsOf, lintMigrations, type LintReport, reaches } from '../../operations/lint-migrations'
import type { Command, Context } from '../context'
import { exitCodes } from '../exit-codes'
import { toJunit } from '../lint-junit'
import { toSarif } from '../lint-sarif'
import { safe } from '../render'

interface Options {
  schema?: string
  pgVersion: number
  assumeInTransaction?: boolean
  /** false: --no-transaction */
  transaction?: boolean
  failOn: Severity | 'never'
}

/** Lints files; exit 1 when a finding is as bad as --fail-on, or worse. */
export const lint: Command<Options> = async (context, paths, options) => {
  const report = await lintMigrations({
    paths: paths.filter((path) => path !== undefined),
    schema: options.schema === undefined ? [] : [options.schema],
    pgVersion: options.pgVersion,
    transaction: modeOf(options),
    readStdin: () => text(process.stdin),
  })
  if (context.output === 'sarif') context.io.out(`${JSON.stringify(toSarif(report), null, 2)}\n`)
  else if (context.output === 'junit') context.io.out(`${toJunit(report, options.failOn)}\n`)
  else context.print(report, () => lines(context, report))
  return options.failOn !== 'never' && reaches(report, options.failOn) ? exitCodes.failed : exitCodes.ok
}

function modeOf({ assumeInTransaction, transaction }: Options): TransactionMode {
  if (assumeInTransaction) return 'assumed'
  return transaction === false ? 'none' : 'auto'
}

function lines({ paint }: Context, report: LintReport): string[] {
  const found = report.files.flatMap(({ file, findings }) =>
    findings
      .filter(({ allowed }) => allowed === undefined)
      .flatMap((finding) => [
        `${safe(file)}:${finding.line}:${finding.column}: ${paint(finding.severity === 'form' ? 'warn' : 'bad', finding.severity)} ${finding.rule}${finding.detail === undefined ? '' : `: ${safe(finding.detail)}`}`,
        `  why:  ${rules[finding.rule].why}`,
        `  safe: ${rules[finding.rule].safe}`,
        ...(finding.rehearse === undefined
          ? []
          : [`  not known from the files: ${safe(finding.rehearse)}; rehearse it`]),
      ]),
  )
  const skipped = report.notLinted.map(({ file, reason }) => paint('dim', `${safe(file)}: not linted: ${reason}`))
  return [...found, ...skipped, summary(report)]
}

function summary(report: LintReport): string {
  const counts = Object.entries(countsOf(report)).filter(([, count]) => count > 0)
  const findings = report.files.flatMap((each) => each.findings)
  const allowed = findings.filter((each) => each.allowed !== undefined).length
  const unsure = findings.filter((each) => each.rehearse !== undefined && each.allowed === undefined).length
  const files = `${report.files.length} file${report.files.length === 1 ? '' : 's'} linted`
  return [
    `${files}: ${counts.map(([severity, count]) => `${count} ${severity}`).join(', ') || 'nothing found'}`,
    ...(unsure > 0 ? [`${unsure} to rehearse`] : []),
    ...(allowed > 0 ? [`${allowed} allowed by comments`] : []),
    ...(report.notLinted.length > 0 ? [`${report.notLinted.length} not linted`] : []),
  ].join('; ')
}
