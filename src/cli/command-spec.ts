import type { Command } from './context'
import type { OutputFormat } from './output'
import { planHash, sentence } from './parsers'

/** An option in commander's words. */
export interface Option {
  flags: string
  description: string
  parse?: (text: string) => unknown
  default?: unknown
  required?: boolean
  /** the words that are allowed */
  choices?: readonly string[]
}

/**
 * How careful a command is. Which hub it changes is said on stderr first; `ask`: it also asks where the environment is
 * production; a `final` one always asks, with this reason; `own` asks by itself. Absent: it changes nothing of a hub.
 */
export type Care = 'say' | 'ask' | 'own' | FinalCare

interface FinalCare {
  /** what can't be undone */
  final: string
  /** only with this option; without it as `ask` */
  only?: 'rollback'
  /** without --plan the command itself refuses */
  needsPlan?: true
}

/** What the help says of a command, and where its code is. */
export interface CommandSpec {
  /** `config check` is a command in a group */
  name: string
  summary: string
  /** what the help says beyond the summary */
  details?: string
  /** a name with dots, such as <path...>, takes one or more */
  args?: [name: string, description: string, parse?: (text: string) => string][]
  options?: Option[]
  /** beyond table, json and yaml */
  outputs?: OutputFormat[]
  care?: Care
  /** --hub may name a hub that has no profile yet */
  namesHub?: boolean
  /** not in the help: for completion scripts */
  hidden?: boolean
  examples: string[]
  load: () => Command<never>
}

/** Arguments and options that many commands take, each said in one way. */
export const service: [string, string] = ['<service>', 'namespace/name, or the name alone where it is unique']
export const yes: Option = { flags: '-y, --yes', description: 'do it without asking' }
export const by: Option = {
  flags: '--by <name>',
  description: 'who acts, by default $REFIT_BY or user@host',
  parse: sentence,
}
export const claim = 'The name given with --by is a claim: it is recorded as unverified.'
export const operatorClaim =
  'With a token of scope operator (REFIT_TOKEN or --token-file) it is known who acts; without one the name given with --by is a claim, recorded as unverified.'
export const voteClaim =
  'With a token (REFIT_TOKEN or --token-file) it is known who speaks. Without one the name given with --by is a claim, which counts only where the policy says unverified: accept. docs/approvals.md has more.'
export const tokenFile: Option = {
  flags: '--token-file <file>',
  description: 'the token of who acts, by default $REFIT_TOKEN',
  parse: sentence,
}
export const server: Option = {
  flags: '--server <url>',
  description: 'ask this refit server, by default $REFIT_SERVER; else the store and Temporal themselves',
  parse: sentence,
}
export const plan: Option = {
  flags: '--plan <hash>',
  description: 'the plan that is meant, as refit status shows it',
  parse: planHash,
}
export const reason = (description: string, { required = true } = {}): Option => ({
  flags: '--reason <text>',
  description,
  parse: sentence,
  required,
})
