import { join } from 'node:path'
import builder from 'junit-report-builder'
import type { Log, Result } from 'sarif'
import type { Answer } from '../domain/migrations/answer'
import type { Finding } from '../domain/migrations/finding'
import { logOf, uriOf } from './lint-sarif'

/** What of a rehearsal goes into reports for code scanning and CI. */
export interface ReportedRehearsal {
  files: {
    path: string
    findings: (Pick<Finding, 'verdict' | 'rule' | 'why' | 'safe' | 'statement'> & { answer: Answer })[]
    statements: { sql: string }[]
  }[]
  notRun: string[]
}

const levels: Record<Answer, Result.level> = {
  go: 'note',
  'needs-window': 'warning',
  'needs-override': 'error',
  refused: 'error',
}
const notRun = 'not-run'

/** A rehearsal as SARIF 2.1.0: a result per finding, by what it asks for. */
export function rehearsalSarif(directory: string, { files, notRun: left }: ReportedRehearsal): Log {
  const ids = [...new Set(files.flatMap(({ findings }) => findings.map(({ rule }) => rule))), notRun]
  const at = (path: string) => [
    { physicalLocation: { artifactLocation: { uri: uriOf(join(directory, path)) }, region: { startLine: 1 } } },
  ]
  return logOf(
    'refit migrations rehearse',
    ids.map((id) => ({ id })),
    [
      ...files.flatMap(({ path, findings }) =>
        findings.map((finding) => ({
          ruleId: finding.rule,
          ruleIndex: ids.indexOf(finding.rule),
          level: levels[finding.answer],
          message: { text: textOf(finding) },
          properties: { verdict: finding.verdict, answer: finding.answer },
          locations: at(path),
        })),
      ),
      ...left.map((path) => ({
        ...{ ruleId: notRun, ruleIndex: ids.length - 1, level: 'warning' as const, locations: at(path) },
        message: { text: 'Not run, because an earlier file failed.' },
      })),
    ],
  )
}

const textOf = ({ why, safe, answer }: ReportedRehearsal['files'][number]['findings'][number]): string =>
  `${why} (${answer}).${safe === undefined ? '' : ` Safe way: ${safe}`}`

/** A rehearsal as JUnit XML: a suite per file, and a test case per finding, which fails unless it may go on. */
export function rehearsalJunit({ files, notRun: left }: ReportedRehearsal): string {
  const xml = builder.newBuilder()
  for (const { path, findings, statements } of files) {
    const suite = xml.testSuite().name(path)
    if (findings.length === 0) suite.testCase().className(path).name('no findings')
    for (const { rule, statement, why, safe, verdict, answer } of findings) {
      const sql = statement === undefined ? undefined : statements[statement - 1]?.sql
      const name = statement === undefined ? rule : `${rule} at statement ${statement}`
      const test = suite.testCase().className(path).name(name)
      const text = [`why: ${why}`, ...(safe === undefined ? [] : [`safe: ${safe}`]), ...(sql ? [sql] : [])].join('\n')
      if (answer === 'go') test.standardOutput(`${verdict}: ${text}`)
      else test.failure(text, answer)
    }
  }
  for (const path of left)
    xml
      .testSuite()
      .name(path)
      .testCase()
      .className(path)
      .name('not run')
      .skipped()
      .standardOutput('an earlier file failed')
  return xml.build()
}
