import type { Rule } from './contracts'

const fails = (why: string, safe: string): Rule => ({ severity: 'fails', why, safe })
const breaks = (why: string, safe: string): Rule => ({ severity: 'breaks-old-code', why, safe })
const destructive = (why: string, safe: string): Rule => ({ severity: 'destructive', why, safe })
const later = 'In contract/, once no version that uses it can come back.'

/** What stops with an error, what the running version can't live with, and what is gone for good. */
export const changeRules = {
  'ban-concurrent-index-creation-in-transaction': fails(
    'CONCURRENTLY cannot run inside a transaction.',
    'A file of its own without a transaction: -- refit:no-transaction, or transaction: false in knex.',
  ),
  'needs-no-transaction': fails(
    'The statement cannot run inside a transaction.',
    'A file of its own without a transaction: -- refit:no-transaction, or transaction: false in knex.',
  ),
  'concurrent-index-on-partitioned-table': fails(
    'An index of a partitioned table cannot be built concurrently.',
    'CREATE INDEX ON ONLY the parent, CONCURRENTLY on each partition, then ALTER INDEX … ATTACH PARTITION.',
  ),
  'enum-value-used-in-same-transaction': fails(
    'A new enum value cannot be used in the transaction that adds it.',
    'ALTER TYPE … ADD VALUE in a file of its own.',
  ),
  'adding-required-field': fails(
    'NOT NULL without a default fails as soon as the table has a row, and the running version would not fill it.',
    'Add it nullable; NOT NULL comes after the backfill.',
  ),
  'ban-duplicate-column-assignments': fails('A column is set twice in one statement.', 'Leave one of them.'),
  'renaming-column': breaks(
    'The running version asks for the old name.',
    'A new column, written by both versions; drop the old one in contract/.',
  ),
  'renaming-table': breaks(
    'The running version asks for the old name.',
    'A view with the old name in the same transaction, or a new table.',
  ),
  'renaming-object': breaks(
    'The running version may ask for the old name.',
    'Make it anew under the new name; drop the old one in contract/.',
  ),
  'renaming-schema': breaks('The running version asks for the old name.', 'A new schema with views of the old tables.'),
  'renaming-enum-value': breaks(
    'The running version reads and writes the old value.',
    'Add a value; move the rows in batches; stop writing the old one.',
  ),
  'ban-drop-not-null': breaks('The running version does not expect NULL there.', later),
  'ban-drop-object': breaks('The running version may use it.', later),
  'ban-drop-column': destructive('Its data is gone, and the running version asks for it.', later),
  'ban-drop-table': destructive('Its data is gone, and the running version asks for it.', later),
  'ban-drop-database': destructive('Everything in it is gone.', 'Never in a migration.'),
  'ban-drop-schema': destructive('Everything in it is gone.', later),
  'ban-drop-constraint': destructive('Rows that violate it can be written from now on.', later),
  'ban-truncate': destructive('All rows are gone, under ACCESS EXCLUSIVE.', later),
  'ban-truncate-cascade': destructive('All rows are gone, of every table that points here, too.', 'Name each table.'),
  'create-table-force': destructive(
    'A table is dropped and made anew: its data is gone.',
    'CREATE TABLE IF NOT EXISTS, or a new name.',
  ),
  'delete-without-where': destructive('All rows are gone, in one transaction.', 'In batches, with a condition.'),
} satisfies Record<string, Rule>
