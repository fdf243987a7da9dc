import { wordList } from '../text'
import { type Finding, type Verdict, worstVerdict } from './finding'
import { lockedTogether, lockFindings } from './lock-findings'
import { schemaFindings } from './schema-findings'
import type { TracedStatement } from './trace'

/** How one file went on the copies. */
export interface FileTrace {
  statements: TracedStatement[]
  /** the file as a whole did not end well: what it threw, or that it had to be stopped */
  failure?: string
  /** how a second run of the same file went; undefined when there was none */
  again?: 'same' | 'changes' | 'fails'
  /** how the undo went; `none` when the file has none */
  down?: 'restores' | 'differs' | 'fails' | 'none'
}

/** Every reason for or against one file, in the order of its statements. */
export function judgeFile(
  { statements, failure, again, down }: FileTrace,
  existed: (kind: string, name: string) => boolean,
): { verdict: Verdict; findings: Finding[] } {
  const findings = statements.flatMap((statement, index) =>
    [...errors(statement), ...lockFindings(statement), ...schemaFindings(statement, existed)].map((finding) => ({
      ...finding,
      statement: index + 1,
    })),
  )
  findings.push(...severalTables(statements))
  const outside = statements.some(({ outsideTransaction }) => outsideTransaction)
  const whole: Finding[] = [
    ...(failure === undefined ? [] : [fails(failure, statements)]),
    ...(again === undefined || again === 'same' || !outside ? [] : [notRepeatable(again)]),
    ...(down === 'fails' || down === 'differs' ? [badDown(down)] : []),
  ]
  const all = [...findings, ...whole]
  return { verdict: worstVerdict(all), findings: all }
}

function fails(why: string, statements: readonly TracedStatement[]): Finding {
  const alone = statements.some(({ error }) => error?.code === '25001')
  return {
    verdict: 'fails',
    rule: 'run-fails',
    why,
    ...(alone
      ? {
          safe: 'A file of its own, outside a transaction: config = { transaction: false }, or -- no-transaction in SQL.',
        }
      : {}),
  }
}

/** An error that the file itself caught and went on after is told, and fails nothing. */
function errors({ error }: TracedStatement): Finding[] {
  if (!error) return []
  return [{ verdict: 'note', rule: 'error', why: `${error.message} (${error.code})` }]
}

/** Reported once per transaction, at the statement that takes the second table. */
function severalTables(statements: readonly TracedStatement[]): (Finding & { statement: number })[] {
  const seen = new Set<number>()
  return statements.flatMap(({ transaction, held }, index) => {
    const { tables, unreadable } = lockedTogether(held)
    if (tables.length === 0 || seen.has(transaction)) return []
    seen.add(transaction)
    return [
      {
        verdict: 'heavy' as const,
        rule: 'several-tables',
        statement: index + 1,
        table: unreadable[0],
        why: `one transaction keeps writers off ${wordList(tables)}, and readers off ${wordList(unreadable)}`,
        safe: 'Split it, a table per file, or give it a window.',
      },
    ]
  })
}

const notRepeatable = (again: 'changes' | 'fails'): Finding => ({
  verdict: 'note',
  rule: 'not-repeatable',
  why: `runs outside a transaction, and a second run ${again === 'fails' ? 'fails' : 'changes something again'}: after a kill half way a person has to look`,
  safe: 'IF [NOT] EXISTS, and one statement per file.',
})

const badDown = (down: 'differs' | 'fails'): Finding => ({
  verdict: 'note',
  rule: 'down',
  why: down === 'fails' ? 'its down fails' : 'its down does not restore the schema that was there before',
})
