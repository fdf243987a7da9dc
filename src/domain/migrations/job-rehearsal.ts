import { refused, type PlanRefusal } from '../plan-objections'
import { answerTo, worstAnswer, type Answer } from './answer'
import { type Finding, type Verdict, worstVerdict } from './finding'
import { schemaFindings } from './schema-findings'
import type { SchemaChange } from './schema-items'
import type { TableSizes } from './size-band'

/** How an image's own migrations went on a copy, as far as that binds an approval. */
export interface JobRehearsal {
  /** of all else */
  digest: string
  verdict: Verdict
  answer: Answer
  /** fingerprints of the schema around it */
  before: string
  after: string
  findings: { rule: string; answer: Answer; why: string; safe?: string; table?: string }[]
}

/** What was seen of a run; statements are not, because they don't pass by a process of Refit's. */
export interface JobTrace {
  changes: SchemaChange
  /** tables that have another file than before: every row was written anew */
  rewritten: string[]
  /** of the first run */
  failure?: string
  /** how a second run went */
  again?: 'same' | 'changes' | 'fails'
}

/**
 * The verdict on a rehearsed Job, by what it changed. Its locks can't be seen, and that is said. `existed` tells objects
 * that were there before, by kind and name.
 */
export function judgeJob(
  { changes, rewritten, failure, again }: JobTrace,
  existed: (kind: string, name: string) => boolean,
  sizes: TableSizes,
): Pick<JobRehearsal, 'verdict' | 'answer' | 'findings'> {
  const statement = { sql: '', kind: '', transaction: 1, outsideTransaction: false, rebuilt: [], scanned: [], changes }
  const known = rewritten.filter((table) => existed('table', table) && !isGone(changes, table))
  const findings: Finding[] = [
    ...(failure === undefined ? [] : [{ verdict: 'fails' as const, rule: 'run-fails', why: failure }]),
    ...schemaFindings({ ...statement, locks: [], held: [], rewritten: known }, existed),
    ...known.map((table) => rewrites(table)),
    ...(again === undefined || again === 'same' ? [] : [notRepeatable(again)]),
    ...(touched(changes, existed).length > 0 ? [unseen(touched(changes, existed))] : []),
  ]
  const answered = unique(findings).map(({ rule, why, safe, table, ...rest }) => ({
    ...{ rule, answer: answerTo({ rule, why, ...rest, ...(table ? { table } : {}) }, 'expand', sizes), why },
    ...(safe === undefined ? {} : { safe }),
    ...(table === undefined ? {} : { table }),
  }))
  return {
    verdict: worstVerdict(findings),
    answer: worstAnswer(answered.map(({ answer }) => answer)),
    findings: answered,
  }
}

const isGone = ({ removed }: SchemaChange, table: string): boolean =>
  removed.some(({ kind, name }) => kind === 'table' && name === table)

const rewrites = (table: string): Finding => ({
  verdict: 'heavy',
  rule: 'table-rewrite',
  table,
  grows: true,
  why: `writes every row of ${table} anew while nobody can read it`,
  safe: 'Add a new column or table, fill it in batches (backfill), and switch later.',
})

const notRepeatable = (again: 'changes' | 'fails'): Finding => ({
  verdict: again === 'fails' ? 'fails' : 'note',
  rule: 'not-repeatable',
  why:
    again === 'fails'
      ? 'a second run fails: nor could an init container run it again'
      : 'a second run changes the schema again',
})

/** Live tables of which something changed, sorted. */
function touched(
  { added, removed, changed }: SchemaChange,
  existed: (kind: string, name: string) => boolean,
): string[] {
  const items = [...added, ...removed, ...changed.map(({ after }) => after)]
  const tables = items.flatMap(({ kind, name, table }) => table ?? (kind === 'table' ? name : []))
  return [...new Set(tables.filter((table) => existed('table', table)))].sort()
}

const unseen = (tables: readonly string[]): Finding => ({
  verdict: 'note',
  rule: 'locks-unseen',
  why: `locks on ${tables.join(', ')} are not seen: a Job's statements don't pass by Refit`,
})

/** By rule and words: a column may be told of by itself and by its table. */
const unique = (findings: readonly Finding[]): Finding[] => [
  ...new Map(findings.map((each) => [`${each.rule} ${each.why}`, each])).values(),
]

/** Why a plan can't go on with what its rehearsal said. `overrides` are names of rules. */
export function jobRehearsalObjection(
  { findings }: Pick<JobRehearsal, 'findings'>,
  { overrides = [], hasWindows }: { overrides?: readonly string[] | undefined; hasWindows: boolean },
): PlanRefusal | undefined {
  for (const { rule, answer, why, safe } of findings) {
    const way = safe === undefined ? '' : `${safe} `
    if (answer === 'refused') return refused(`the rehearsal refuses this: ${why}`, `${way}Then run refit scan.`)
    if (answer === 'go' || overrides.includes(rule)) continue
    const takeUpon = `take it upon you with overrides: [${rule}] beside the migration in refit.yaml.`
    if (answer === 'needs-override')
      return refused(`the rehearsal wants a person to take this upon them: ${why}`, `${way}Or ${takeUpon}`)
    if (!hasWindows)
      return refused(
        `the rehearsal wants a window for this, and the policy has none: ${why}`,
        `${way}Or write windows in the policy, or ${takeUpon}`,
      )
  }
  return undefined
}

/** For people: `rehearsed: heavy (needs-window): …`. */
export const jobRehearsalWords = ({ verdict, answer, findings }: JobRehearsal): string[] => [
  `rehearsed: ${verdict} (${answer})`,
  ...findings.map(({ rule, why }) => `${rule}: ${why}`),
]
