import type { Node } from 'libpg-query'
import { as, qualified, tableName, texts } from './tree'

/** Names of what the file itself created: nobody uses that yet. */
export type Fresh = Set<string>

/** What a statement creates, as names to remember. */
export function created(node: Node): string[] {
  const table = as(node, 'CreateStmt') ?? as(node, 'CreateForeignTableStmt')?.base
  if (table) return [`table:${tableName(table.relation)}`]
  const query = as(node, 'CreateTableAsStmt')
  if (query) return [`table:${tableName(query.into?.rel)}`, `object:${tableName(query.into?.rel)}`]
  const index = as(node, 'IndexStmt')
  if (index) return [`index:${index.idxname ?? ''}`]
  const view = as(node, 'ViewStmt')
  if (view) return view.replace ? [] : [`object:${tableName(view.view)}`]
  const sequence = as(node, 'CreateSeqStmt')
  if (sequence) return [`object:${tableName(sequence.sequence)}`]
  const trigger = as(node, 'CreateTrigStmt')
  if (trigger) return [`object:${tableName(trigger.relation)}.${trigger.trigname ?? ''}`]
  const schema = as(node, 'CreateSchemaStmt')
  if (schema) return [`object:${schema.schemaname ?? ''}`]
  const routine = as(node, 'CreateFunctionStmt')
  if (routine) return routine.replace ? [] : [`object:${qualified(texts(routine.funcname))}`]
  const names =
    as(node, 'CreateEnumStmt')?.typeName ?? as(node, 'CreateDomainStmt')?.domainname ?? as(node, 'DefineStmt')?.defnames
  if (names) return [`object:${qualified(texts(names))}`]
  const composite = as(node, 'CompositeTypeStmt')
  return composite ? [`object:${tableName(composite.typevar)}`] : []
}
