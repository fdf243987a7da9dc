import type { Catalog } from './catalog'
import type { Fresh } from './fresh'
import type { Locks } from './locks'
import type { Session } from './session'

/** All that checks know when a statement's turn comes. */
export interface State {
  catalog: Catalog
  fresh: Fresh
  session: Session
  pgVersion: number
  /** of the whole file */
  statementCount: number
  /** tables that the file dropped */
  dropped: Set<string>
  /** rules that are said once per file */
  said: Set<string>
}

/** Whether the file itself created the table. */
export const isNewTable = ({ fresh }: Pick<State, 'fresh'>, table: string): boolean => fresh.has(`table:${table}`)

/** Without the locks on what the file created: nobody waits for those. */
export const liveLocks = (state: Pick<State, 'fresh'>, locks: Locks): Locks =>
  new Map([...locks].filter(([table]) => !isNewTable(state, table)))
