import type { AlterTableCmd, ColumnDef, Node } from 'libpg-query'
import type { Remark } from './contracts'
import type { RuleId } from './rules'
import type { State } from './state'
import { all, as, columnType, tableName } from './tree'

const byType: Partial<Record<string, RuleId>> = {
  bpchar: 'ban-char-field',
  int2: 'prefer-bigint-over-int',
  int4: 'prefer-bigint-over-int',
  serial: 'prefer-identity',
  serial4: 'prefer-identity',
  bigserial: 'prefer-identity',
  serial8: 'prefer-identity',
  smallserial: 'prefer-identity',
  serial2: 'prefer-identity',
  timestamp: 'prefer-timestamptz',
  json: 'prefer-jsonb',
}

function typeOf(column: ColumnDef, at: number | undefined): Remark[] {
  const type = columnType(column.typeName)
  const rule = type?.name === 'varchar' && type.mods.length > 0 ? 'prefer-text-field' : byType[type?.name ?? '']
  return rule ? [{ rule, detail: column.colname ?? '', ...(at === undefined ? {} : { at }) }] : []
}

/** Types of columns that a statement adds. */
export function checkColumnTypes(node: Node): Remark[] {
  const elements = as(node, 'CreateStmt')?.tableElts
  const added = all(as(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd').flatMap((action) =>
    action.subtype === 'AT_AddColumn' && action.def ? [action.def] : [],
  )
  return all([...(elements ?? []), ...added], 'ColumnDef').flatMap((column) => typeOf(column, column.location))
}

const isBare: Partial<Record<string, (action: AlterTableCmd) => boolean>> = {
  AT_AddColumn: (action) => !action.missing_ok,
  AT_DropColumn: (action) => !action.missing_ok,
  AT_DropConstraint: (action) => !action.missing_ok,
}

/** Whether a second run after a failure would stop here, where no transaction takes the first one back. */
export function checkRobust({ session, statementCount }: State, node: Node): Remark[] {
  if (session.transaction || statementCount < 2) return []
  const bare =
    as(node, 'CreateStmt')?.if_not_exists === undefined && as(node, 'CreateStmt')
      ? tableName(as(node, 'CreateStmt')?.relation)
      : as(node, 'IndexStmt') && !as(node, 'IndexStmt')?.if_not_exists
        ? (as(node, 'IndexStmt')?.idxname ?? '')
        : as(node, 'DropStmt') && !as(node, 'DropStmt')?.missing_ok
          ? 'DROP'
          : all(as(node, 'AlterTableStmt')?.cmds, 'AlterTableCmd').find((each) => isBare[each.subtype ?? '']?.(each))
            ? tableName(as(node, 'AlterTableStmt')?.relation)
            : undefined
  return bare === undefined ? [] : [{ rule: 'prefer-robust-stmts', detail: bare }]
}
