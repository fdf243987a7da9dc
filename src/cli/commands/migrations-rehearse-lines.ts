import type { Answer } from '../../domain/migrations/answer'
import type { FileReport, Rehearsal, StatementReport } from '../../clients/migrations/rehearse'
import type { Context } from '../context'
import { safe, type Tone } from '../render'

const tones: Record<Answer, Tone> = { go: 'good', 'needs-window': 'warn', 'needs-override': 'warn', refused: 'bad' }

/** A rehearsal for people: per file what each statement did, then the reasons, then the answer. */
export function rehearsalLines({ paint }: Pick<Context, 'paint'>, rehearsal: Rehearsal): string[] {
  const { files, applied, notRun, schema, isFaithful, version, verdict, answer, digest } = rehearsal
  return [
    ...files.flatMap((file) => [...fileLines({ paint }, file), '']),
    ...(applied.length > 0 ? [paint('dim', `already applied on the copy: ${applied.length}`)] : []),
    ...notRun.map((path) => paint('bad', safe(`not run: ${path}`))),
    schema.changes.length === 0 ? 'the schema is the same as before' : 'the schema differs by',
    ...schema.changes.map((line) => `  ${safe(line)}`),
    ...(isFaithful
      ? []
      : [paint('warn', 'the replay came to another schema than the run: look at the files yourself')]),
    '',
    `${paint(tones[answer], `${verdict}: ${answer}`)}  ${paint('dim', `${/^(MariaDB|MySQL) /.test(version) ? version : `PostgreSQL ${version}`}, rehearsal ${digest.slice(0, 12)}`)}`,
  ]
}

function fileLines({ paint }: Pick<Context, 'paint'>, file: FileReport): string[] {
  const { path, verdict, answer, statements, findings, transaction, again, down } = file
  const quiet = statements.filter((statement) => deeds(statement).length === 0).length
  const how = [
    transaction === false ? 'no transaction of its own' : undefined,
    again && again !== 'same' ? `a second run ${again === 'changes' ? 'changes something' : again}` : undefined,
    down && down !== 'none' ? `down ${down}` : undefined,
  ].filter((word) => word !== undefined)
  return [
    `${paint('strong', safe(path))}  ${paint(tones[answer], `${verdict}: ${answer}`)}${how.length > 0 ? `  ${paint('dim', how.join(', '))}` : ''}`,
    ...statements.flatMap((statement, index) => statementLines({ paint }, statement, index + 1)),
    ...(quiet > 0 ? [paint('dim', `  ${quiet} of ${statements.length} statements took no lock on a live table`)] : []),
    ...findings.flatMap(({ verdict: kind, rule, statement, why, safe: way, answer: each }) => [
      `  ${paint(kind === 'note' ? 'dim' : tones[each], `${kind} (${rule})`)}${statement === undefined ? '' : ` [${statement}]`} ${safe(why)}`,
      ...(way === undefined || kind === 'note' ? [] : [paint('dim', `      ${way}`)]),
    ]),
  ]
}

function statementLines({ paint }: Pick<Context, 'paint'>, statement: StatementReport, number: number): string[] {
  const did = deeds(statement)
  if (did.length === 0) return []
  const sql = safe(statement.sql.replace(/\s+/g, ' ')).slice(0, 110)
  return [`  [${number}] ${sql}`, paint('dim', `      ${safe(did.join('; '))}`)]
}

function deeds({ locks, rewritten, rebuilt, scanned, outsideTransaction, error }: StatementReport): string[] {
  return [
    ...locks.map(({ relation, mode }) => `${mode} on ${relation}`),
    ...rewritten.map((table) => `rewrites ${table}`),
    ...rebuilt.map((index) => `builds ${index} anew`),
    ...scanned.map((table) => `reads all of ${table}`),
    ...(outsideTransaction ? ['not in a transaction'] : []),
    ...(error ? [`fails: ${error.message}`] : []),
  ]
}
