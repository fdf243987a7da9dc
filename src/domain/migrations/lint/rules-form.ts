import type { Rule } from './contracts'

const form = (why: string, safe: string): Rule => ({ severity: 'form', why, safe })

/** What a rehearsal doesn't show: timeouts, the shape of transactions, names and types. */
export const formRules = {
  'require-lock-timeout': form(
    'A statement that waits for its lock makes every later query of the table wait behind it.',
    "SET lock_timeout = '1s' before the first such statement, and retry.",
  ),
  'require-statement-timeout': form(
    'A statement that takes longer than thought keeps its lock for as long.',
    "SET statement_timeout = '5s' before the first such statement.",
  ),
  'lock-timeout-too-long': form(
    'Queries wait as long as the lock_timeout in effect, here more than 10 s.',
    'At most a few seconds, and retry.',
  ),
  'transaction-nesting': form(
    'A BEGIN in a transaction does nothing, and a COMMIT ends that of whoever runs the file.',
    'Leave transactions to the runner, or begin none twice.',
  ),
  'ban-uncommitted-transaction': form('The transaction keeps its locks until somebody ends it.', 'COMMIT at the end.'),
  'statements-after-access-exclusive': form(
    'What comes after a statement with ACCESS EXCLUSIVE in its transaction makes that lock last longer.',
    'Other statements first, or in another file.',
  ),
  'multiple-alters': form(
    'Each ALTER TABLE of the same table does its own pass over it.',
    'One ALTER TABLE with several actions.',
  ),
  'locks-several-tables': form(
    'A transaction that locks one live table while it waits for another stops both, and can deadlock.',
    'One live table per file.',
  ),
  'references-live-table': form(
    'The new foreign key locks the table that it points to against writes (SHARE ROW EXCLUSIVE) until the transaction ends.',
    'Short transaction, short lock_timeout.',
  ),
  'attach-partition-scan': form(
    'ATTACH PARTITION reads the partition under ACCESS EXCLUSIVE, unless a CHECK proves its bounds.',
    'Add a CHECK of the bounds NOT VALID, validate it, then attach.',
  ),
  'foreign-key-without-index': form(
    'A delete in the other table reads this whole table.',
    'CREATE INDEX CONCURRENTLY on the column.',
  ),
  'index-too-many-columns': form('Wide indexes cost every write.', 'Up to three columns.'),
  'prefer-robust-stmts': form(
    'Without a transaction, a second run after a failure stops at what is there already.',
    'IF [NOT] EXISTS; for a concurrent index also look at pg_index.indisvalid.',
  ),
  'require-enum-value-ordering': form('The value is sorted last.', 'BEFORE or AFTER.'),
  'ban-char-field': form('char(n) pads with blanks, which count in some comparisons only.', 'text.'),
  'prefer-text-field': form('A longer limit is a change of the schema.', 'text with a CHECK.'),
  'prefer-bigint-over-int': form('32 bits run full, and the way to 64 rewrites the table.', 'bigint.'),
  'prefer-identity': form('A serial column owns a sequence with rights of its own.', 'GENERATED ALWAYS AS IDENTITY.'),
  'prefer-timestamptz': form('timestamp has no zone: it depends on who writes it.', 'timestamptz.'),
  'prefer-jsonb': form('json has no equality: SELECT DISTINCT and GROUP BY of the row fail.', 'jsonb.'),
  'ban-create-domain-with-constraint': form(
    'A constraint of a domain can only be changed with all tables that use it.',
    'A CHECK of the table.',
  ),
  'identifier-too-long': form('Names are cut off after 63 bytes.', 'A shorter name.'),
  'opaque-code': form('What the code does is not seen here.', 'Plain statements; else rehearse it.'),
  'unknown-type': form(
    'The type is created in no file that was read: if it is a domain with a constraint, the table is rewritten.',
    'Give its schema with --schema; else rehearse it.',
  ),
  'bad-allow': form(
    'A comment that silences a rule needs the name of the rule and a reason, and something to silence.',
    '-- refit:allow RULE: reason',
  ),
} satisfies Record<string, Rule>
