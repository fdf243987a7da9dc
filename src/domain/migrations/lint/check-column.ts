import type { AlterTableCmd, ColumnDef } from 'libpg-query'
import { columnOf, isIndexed, isProvenNotNull, tableOf } from './catalog'
import type { Remark } from './contracts'
import { checkConstraint } from './check-constraint'
import { isUtc } from './session'
import type { State } from './state'
import { all, as, columnType, texts } from './tree'
import { dependsOnZone, isBuiltIn, typeChange } from './types'
import { volatilityOf } from './volatility'

const unknownTable = 'whether that holds here: the table was created in no file that was read'

/** ADD COLUMN on a table that is in use. */
export function checkAddColumn(state: State, table: string, column: ColumnDef): Remark[] {
  const at = column.location === undefined ? {} : { at: column.location }
  const detail = column.colname ?? ''
  const constraints = all(column.constraints, 'Constraint')
  const has = (contype: string) => constraints.find((each) => each.contype === contype)
  const type = columnType(column.typeName)
  const isNumbered = /serial/.test(type?.name ?? '') || has('CONSTR_IDENTITY') !== undefined
  const byDefault = has('CONSTR_DEFAULT')?.raw_expr
  const isGenerated = has('CONSTR_GENERATED')
  const hasValue = isNumbered || isGenerated !== undefined || (byDefault !== undefined && !isNull(byDefault))
  const remarks: Remark[] = []
  if (isNumbered) remarks.push({ rule: 'add-serial-column', detail, ...at })
  if (isGenerated && isGenerated.generated_kind !== 'v')
    remarks.push({ rule: 'adding-field-with-default', detail, ...at })
  const volatility = volatilityOf(byDefault)
  if (byDefault && (volatility !== 'constant' || state.pgVersion < 11))
    remarks.push({
      rule: 'adding-field-with-default',
      detail,
      ...at,
      ...(volatility === 'unknown' && state.pgVersion >= 11 ? { rehearse: 'whether the function is volatile' } : {}),
    })
  if (type && !isBuiltIn(type.name)) {
    const isConstrained = state.catalog.types.get(type.name)
    if (isConstrained) remarks.push({ rule: 'adding-constrained-domain-field', detail, ...at })
    else if (isConstrained === undefined)
      remarks.push({
        rule: 'unknown-type',
        detail: `${detail} ${type.name}`,
        ...at,
        rehearse: 'what kind of type it is',
      })
  }
  if ((has('CONSTR_NOTNULL') || has('CONSTR_PRIMARY')) && !hasValue)
    remarks.push({ rule: 'adding-required-field', detail, ...at })
  return [
    ...remarks,
    ...constraints
      .filter(({ contype }) => contype !== 'CONSTR_NOTNULL')
      .filter((each) => constraints[constraints.indexOf(each) + 1]?.contype !== 'CONSTR_ATTR_NOT_ENFORCED')
      .flatMap((each) => checkConstraint(state, table, each, detail)),
  ]
}

const isNull = (expression: ColumnDef['raw_default']): boolean => as(expression, 'A_Const')?.isnull === true

/** SET NOT NULL on a table that is in use. */
export function checkNotNull(state: State, table: string, column: string): Remark[] {
  const known = tableOf(state.catalog, table)
  const isProven =
    known.columns.get(column)?.isNotNull === true || (state.pgVersion >= 12 && isProvenNotNull(known, column))
  if (isProven) return []
  return [
    { rule: 'adding-not-nullable-field', detail: column, ...(known.isComplete ? {} : { rehearse: unknownTable }) },
  ]
}

/** ALTER COLUMN … TYPE on a table that is in use. */
export function checkType(state: State, table: string, action: AlterTableCmd): Remark[] {
  const name = action.name ?? ''
  const column = as(action.def, 'ColumnDef')
  const to = columnType(column?.typeName)
  const known = tableOf(state.catalog, table)
  const from = columnOf(known, name).type
  if (!column || !to) return []
  const remark: Remark = {
    rule: 'changing-column-type',
    detail: name,
    ...(column.location === undefined ? {} : { at: column.location }),
  }
  if (!from) return [{ ...remark, rehearse: 'what it costs: the type that it has is not known' }]
  if (column.raw_default && !isItself(column.raw_default, name)) return [remark]
  const zone = isUtc(state.session)
  const change = typeChange(from, to, { isUtc: zone, changesCollation: column.collClause !== undefined })
  if (change === 'none') return []
  if (change === 'index-rebuild' && !isIndexed(state.catalog, table, name))
    return known.isComplete ? [] : [{ ...remark, rehearse: 'whether an index covers it' }]
  if (zone === undefined && dependsOnZone(from, to)) return [{ ...remark, rehearse: "the session's time zone" }]
  return [remark]
}

/** `USING column` and `USING column::type` convert nothing more than the change itself. */
function isItself(expression: ColumnDef['raw_default'], column: string): boolean {
  const plain = as(expression, 'TypeCast')?.arg ?? expression
  return texts(as(plain, 'ColumnRef')?.fields).at(-1) === column
}
