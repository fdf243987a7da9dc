import type { Node } from 'libpg-query'
import type { LockMode } from './locks'
import type { RuleId } from './rules'

/** From the worst to the mildest: `--fail-on` names the mildest that counts. */
export const severities = ['fails', 'heavy', 'breaks-old-code', 'destructive', 'form'] as const
export type Severity = (typeof severities)[number]

/** What a rule says, whatever the statement. */
export interface Rule {
  severity: Severity
  why: string
  safe: string
}

/** One statement of a script; offsets count bytes of UTF-8, as the parser does. */
export interface Statement {
  node: Node
  start: number
  end: number
}

/** What the parser says of a file. */
export interface Script {
  text: string
  statements: Statement[]
  comments: { start: number; end: number; text: string }[]
  /** names as they are written: the tree holds what the server would cut off */
  names: { start: number; text: string }[]
}

/** Whether a runner puts the file into a transaction; `auto`: it does, unless the file says otherwise. */
export type TransactionMode = 'assumed' | 'none' | 'auto'

/** What a check found, before it is known where in the file that is. */
export interface Remark {
  rule: RuleId
  /** by default the statement's */
  at?: number
  /** what of the statement */
  detail?: string
  /** what the files don't tell, so that only a rehearsal is sure */
  rehearse?: string
}

/** A remark with its place. */
export interface Finding {
  rule: RuleId
  severity: Severity
  line: number
  column: number
  statement: string
  detail?: string
  rehearse?: string
  /** why somebody silenced it */
  allowed?: string
}

/** Which locks a statement takes on tables that are in use, as far as the files tell. */
export interface StatementLocks {
  line: number
  column: number
  statement: string
  locks: Record<string, LockMode>
}

export interface LintResult {
  findings: Finding[]
  locks: StatementLocks[]
}
