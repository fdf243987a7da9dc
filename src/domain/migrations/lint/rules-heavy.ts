import type { Rule } from './contracts'

const heavy = (why: string, safe: string): Rule => ({ severity: 'heavy', why, safe })

/** What holds a lock on a live table for as long as the table is large, or locks two live tables at once. */
export const heavyRules = {
  'require-concurrent-index-creation': heavy(
    'CREATE INDEX holds SHARE on the table until the index is built: every write waits.',
    'CREATE INDEX CONCURRENTLY in a file of its own without a transaction, then look at pg_index.indisvalid.',
  ),
  'require-concurrent-index-deletion': heavy(
    'DROP INDEX wants ACCESS EXCLUSIVE on the table: every query queues behind it.',
    'DROP INDEX CONCURRENTLY in a file of its own without a transaction.',
  ),
  'require-concurrent-reindex': heavy(
    'REINDEX holds SHARE on the table and ACCESS EXCLUSIVE on the index until it is built.',
    'REINDEX … CONCURRENTLY (12 and later) in a file of its own without a transaction.',
  ),
  'require-concurrent-partition-detach': heavy(
    'DETACH PARTITION holds ACCESS EXCLUSIVE on the whole partitioned table.',
    'DETACH PARTITION … CONCURRENTLY (14 and later) in a file of its own without a transaction.',
  ),
  'constraint-missing-not-valid': heavy(
    'The new constraint is checked on every row under ACCESS EXCLUSIVE.',
    'Add it NOT VALID, then VALIDATE CONSTRAINT in a later transaction.',
  ),
  'validate-same-transaction': heavy(
    'The strong lock of an earlier statement of this transaction is kept while VALIDATE reads the whole table.',
    'VALIDATE CONSTRAINT in a file of its own: alone it takes SHARE UPDATE EXCLUSIVE.',
  ),
  'adding-foreign-key-constraint': heavy(
    'A foreign key locks both tables against writes (SHARE ROW EXCLUSIVE), while every row is checked.',
    'Add the column first, then the foreign key NOT VALID, and VALIDATE CONSTRAINT in a later transaction.',
  ),
  'drop-foreign-key': heavy(
    'Dropping a foreign key takes ACCESS EXCLUSIVE on both tables, also on the one that it points to.',
    'Alone in its file, with a short lock_timeout and retries, where possible in a window.',
  ),
  'disallowed-unique-constraint': heavy(
    'The index behind UNIQUE or PRIMARY KEY is built under ACCESS EXCLUSIVE.',
    'CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX.',
  ),
  'adding-exclusion-constraint': heavy(
    'The index behind EXCLUDE is built under ACCESS EXCLUSIVE, and there is no concurrent form.',
    'A new table with the constraint, written to by both versions, then filled in batches.',
  ),
  'primary-key-on-nullable-column': heavy(
    'PRIMARY KEY USING INDEX makes its columns NOT NULL: the whole table is read under ACCESS EXCLUSIVE.',
    'SET NOT NULL first, proven by a validated CHECK.',
  ),
  'adding-field-with-default': heavy(
    'A default that differs per row (volatile, or GENERATED … STORED) rewrites the table under ACCESS EXCLUSIVE.',
    'Add the column without it, SET DEFAULT, then fill the rows in batches.',
  ),
  'adding-constrained-domain-field': heavy(
    'A column of a domain with a constraint rewrites the table under ACCESS EXCLUSIVE.',
    "A column of the domain's base type, and the CHECK as NOT VALID, validated later.",
  ),
  'add-serial-column': heavy(
    'A serial or identity column numbers every row: the table is rewritten under ACCESS EXCLUSIVE.',
    'A nullable bigint, a sequence as its default, then numbers in batches.',
  ),
  'adding-not-nullable-field': heavy(
    'SET NOT NULL reads the whole table under ACCESS EXCLUSIVE, unless a validated CHECK proves it.',
    'CHECK (column IS NOT NULL) NOT VALID, VALIDATE in a later transaction, then SET NOT NULL; 18 has NOT NULL … NOT VALID.',
  ),
  'changing-column-type': heavy(
    'Most type changes rewrite the table or rebuild its indexes under ACCESS EXCLUSIVE.',
    'A new column, written by both versions and filled in batches; or a change that only widens (docs/migrations-lint.md).',
  ),
  'create-partition-of': heavy(
    'CREATE TABLE … PARTITION OF takes ACCESS EXCLUSIVE on the partitioned table.',
    'CREATE TABLE … (LIKE …) with a CHECK of the bounds, then ATTACH PARTITION, which takes SHARE UPDATE EXCLUSIVE.',
  ),
  'drop-trigger': heavy(
    'DROP TRIGGER takes ACCESS EXCLUSIVE: every query queues behind it.',
    'DISABLE TRIGGER (SHARE ROW EXCLUSIVE) now; drop it with a short lock_timeout, where possible in a window.',
  ),
  'rewriting-table': heavy(
    'SET UNLOGGED or LOGGED, another tablespace or access method, CLUSTER and VACUUM FULL copy the table under ACCESS EXCLUSIVE.',
    'A copy of the table filled in batches; or a window long enough for its size.',
  ),
  'rewrite-while-holding-lock': heavy(
    'The transaction holds ACCESS EXCLUSIVE on another live table for as long as this statement takes.',
    'Each in a file of its own.',
  ),
  'require-concurrent-refresh': heavy(
    'REFRESH MATERIALIZED VIEW holds ACCESS EXCLUSIVE on the view while its query runs.',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY, with a unique index on the view.',
  ),
  'alter-domain-scan': heavy(
    'The constraint is checked in every table that uses the domain, which is locked against writes meanwhile.',
    'ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT in a later transaction.',
  ),
  'update-without-where': heavy(
    'One UPDATE of every row keeps them all locked until it ends, and writes the table anew into the log.',
    'A backfill by key range, in batches of their own transactions.',
  ),
  'explicit-lock': heavy(
    'LOCK TABLE keeps writers, or everybody, waiting until the transaction ends.',
    'Leave it out: a migration takes the locks that it needs.',
  ),
} satisfies Record<string, Rule>
