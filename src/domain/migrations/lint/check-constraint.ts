import type { AlterTableCmd, Constraint } from 'libpg-query'
import { isLeading, type KnownConstraint, tableOf } from './catalog'
import type { Remark } from './contracts'
import { constraintColumns } from './learn-constraint'
import { isNewTable, type State } from './state'
import { tableName, texts } from './tree'

/** A constraint added to a table that is in use, by itself or with the column that it belongs to. */
export function checkConstraint(state: State, table: string, constraint: Constraint, column?: string): Remark[] {
  const place = constraint.location === undefined ? {} : { at: constraint.location }
  const isDeferredCheck = constraint.skip_validation === true || constraint.is_enforced === false
  const name = constraint.conname ?? column
  const remark = (rule: Remark['rule'], more: Partial<Remark> = {}): Remark[] => [
    { rule, ...place, ...(name === undefined ? {} : { detail: name }), ...more },
  ]
  switch (constraint.contype as string) {
    case 'CONSTR_CHECK':
      return isDeferredCheck ? [] : remark('constraint-missing-not-valid')
    case 'CONSTR_FOREIGN':
      return [
        ...(isDeferredCheck ? [] : remark('adding-foreign-key-constraint')),
        ...withoutIndex(state, table, constraint, column),
      ]
    case 'CONSTR_UNIQUE':
      return constraint.indexname === undefined ? remark('disallowed-unique-constraint') : []
    case 'CONSTR_PRIMARY':
      return constraint.indexname === undefined
        ? remark('disallowed-unique-constraint')
        : overNullable(state, table, constraint)
    case 'CONSTR_EXCLUSION':
      return remark('adding-exclusion-constraint')
    default:
      return []
  }
}

function withoutIndex({ catalog }: State, table: string, constraint: Constraint, column?: string): Remark[] {
  const [first] = column === undefined ? texts(constraint.fk_attrs) : [column]
  if (first === undefined || !tableOf(catalog, table).isComplete || isLeading(catalog, table, first)) return []
  return [{ rule: 'foreign-key-without-index', detail: first }]
}

function overNullable({ catalog }: State, table: string, constraint: Constraint): Remark[] {
  const known = tableOf(catalog, table)
  const columns = constraintColumns(catalog, constraint)
  const nullable = columns.filter((each) => known.columns.get(each)?.isNotNull !== true)
  if (columns.length > 0 && nullable.length === 0) return []
  const isSure = columns.length > 0 && known.isComplete
  return [
    {
      rule: 'primary-key-on-nullable-column',
      ...(nullable.length > 0 ? { detail: nullable.join(', ') } : {}),
      ...(isSure ? {} : { rehearse: 'whether its columns are NOT NULL' }),
    },
  ]
}

/** A foreign key of a new table to one that is in use: short, but it stops writes there. */
export function checkReference(state: State, table: string, constraint: Constraint): Remark[] {
  const partner = tableName(constraint.pktable)
  if (partner === '' || partner === table || isNewTable(state, partner)) return []
  return [
    {
      rule: 'references-live-table',
      detail: partner,
      ...(constraint.location === undefined ? {} : { at: constraint.location }),
    },
  ]
}

/** DROP CONSTRAINT on a table that is in use. */
export function checkDropConstraint(state: State, table: string, { name = '' }: AlterTableCmd): Remark[] {
  const known: KnownConstraint | undefined = tableOf(state.catalog, table).constraints.get(name)
  const mayBeForeign = known ? known.kind === 'foreign' : /_(fk|fkey|foreign)\d*$/i.test(name)
  if (mayBeForeign)
    return [{ rule: 'drop-foreign-key', detail: name, ...(known ? {} : { rehearse: 'whether it is a foreign key' }) }]
  if (state.fresh.has(`constraint:${table}.${name}`)) return []
  return [
    {
      rule: 'ban-drop-constraint',
      detail: name,
      ...(known ? {} : { rehearse: 'whether it is a foreign key, which would lock the other table, too' }),
    },
  ]
}

/** VALIDATE CONSTRAINT while a stronger lock is held. */
export function checkValidate(state: State, table: string, { name = '' }: AlterTableCmd): Remark[] {
  const { transaction } = state.session
  const held = transaction?.locks.get(table)
  const isHeld = held === 'ACCESS EXCLUSIVE' || held === 'SHARE ROW EXCLUSIVE' || held === 'EXCLUSIVE'
  return isHeld || transaction?.unproven.has(`${table}.${name}`)
    ? [{ rule: 'validate-same-transaction', detail: name }]
    : []
}
