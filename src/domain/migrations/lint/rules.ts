import type { Rule } from './contracts'
import { changeRules } from './rules-change'
import { formRules } from './rules-form'
import { heavyRules } from './rules-heavy'

const table = { ...changeRules, ...heavyRules, ...formRules }

export type RuleId = keyof typeof table

/** Every rule of `refit migrations lint`; docs/migrations-lint.md has the same table, held by a test. */
export const rules: Readonly<Record<RuleId, Rule>> = table

export const ruleIds = Object.keys(table) as RuleId[]

/** Whether a rule is called that. */
export const isRuleId = (name: string): name is RuleId => Object.hasOwn(table, name)
