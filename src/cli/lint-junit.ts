import builder from 'junit-report-builder'
import { severities, type Severity } from '../domain/migrations/lint/contracts'
import { rules } from '../domain/migrations/lint/rules'
import type { LintReport } from '../operations/lint-migrations'

/** The report as JUnit XML: a suite per file, and a test case per finding, which fails when it is as bad as `failOn`. */
export function toJunit(report: LintReport, failOn: Severity | 'never'): string {
  const failing = failOn === 'never' ? [] : severities.slice(0, severities.indexOf(failOn) + 1)
  const xml = builder.newBuilder()
  for (const { file, findings } of report.files) {
    const suite = xml.testSuite().name(file)
    if (findings.length === 0) suite.testCase().className(file).name('no findings')
    for (const { rule, severity, line, column, detail, statement, rehearse, allowed } of findings) {
      const test = suite.testCase().className(file).name(`${rule} at ${line}:${column}`)
      const text = [
        ...(detail === undefined ? [] : [detail]),
        `why: ${rules[rule].why}`,
        `safe: ${rules[rule].safe}`,
        ...(rehearse === undefined ? [] : [`not known from the files: ${rehearse}; rehearse it`]),
        statement,
      ].join('\n')
      if (allowed !== undefined) test.skipped().standardOutput(`allowed: ${allowed}\n${text}`)
      else if (failing.includes(severity)) test.failure(text, severity)
      else test.standardOutput(`${severity}: ${text}`)
    }
  }
  for (const { file, reason } of report.notLinted)
    xml.testSuite().name(file).testCase().className(file).name('not linted').skipped().standardOutput(reason)
  return xml.build()
}
