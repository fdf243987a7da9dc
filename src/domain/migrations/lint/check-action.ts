import type { AlterTableCmd } from 'libpg-query'
import { checkAddColumn, checkNotNull, checkType } from './check-column'
import { checkConstraint, checkDropConstraint, checkReference, checkValidate } from './check-constraint'
import type { Remark } from './contracts'
import { isNewTable, type State } from './state'
import { all, as, tableName, texts } from './tree'

/** One action of an ALTER TABLE. */
export function checkAction(state: State, table: string, action: AlterTableCmd): Remark[] {
  const column = as(action.def, 'ColumnDef')
  const constraint = as(action.def, 'Constraint')
  if (isNewTable(state, table)) {
    if (constraint) return checkReference(state, table, constraint)
    return all(column?.constraints, 'Constraint').flatMap((each) => checkReference(state, table, each))
  }
  const detail = action.name ?? ''
  switch (action.subtype as string) {
    case 'AT_AddColumn':
      return column ? checkAddColumn(state, table, column) : []
    case 'AT_AddConstraint':
      if (constraint?.contype === 'CONSTR_NOTNULL')
        return constraint.skip_validation
          ? []
          : texts(constraint.keys).flatMap((key) => checkNotNull(state, table, key))
      return constraint ? checkConstraint(state, table, constraint) : []
    case 'AT_AlterColumnType':
      return checkType(state, table, action)
    case 'AT_SetNotNull':
      return checkNotNull(state, table, detail)
    case 'AT_DropNotNull':
      return [{ rule: 'ban-drop-not-null', detail }]
    case 'AT_DropColumn':
      return state.fresh.has(`column:${table}.${detail}`) ? [] : [{ rule: 'ban-drop-column', detail }]
    case 'AT_DropConstraint':
      return checkDropConstraint(state, table, action)
    case 'AT_ValidateConstraint':
      return checkValidate(state, table, action)
    case 'AT_AddIdentity':
      return []
    case 'AT_SetExpression':
    case 'AT_SetUnLogged':
    case 'AT_SetLogged':
    case 'AT_SetTableSpace':
    case 'AT_SetAccessMethod':
      return [{ rule: 'rewriting-table', detail: table }]
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
      return partition(state, table, action)
    default:
      return []
  }
}

function partition(state: State, table: string, { subtype, def }: AlterTableCmd): Remark[] {
  const { name, concurrent } = as(def, 'PartitionCmd') ?? {}
  const detail = tableName(name)
  if (subtype === 'AT_AttachPartition')
    return isNewTable(state, detail)
      ? []
      : [{ rule: 'attach-partition-scan', detail, rehearse: 'whether a CHECK proves its bounds' }]
  if (!concurrent) return [{ rule: 'require-concurrent-partition-detach', detail: table }]
  return state.session.transaction ? [{ rule: 'needs-no-transaction', detail: 'DETACH PARTITION … CONCURRENTLY' }] : []
}
