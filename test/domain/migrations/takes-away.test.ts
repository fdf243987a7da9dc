import { takesAway } from '../../../src/domain/migrations/takes-away'

test.each<[string, string, boolean]>([
  ['a dropped column', "exports.up = (knex) => knex.schema.alterTable('t', (t) => t.dropColumn('a'))", true],
  ['a renamed table', "export async function up(knex) { await knex.schema.renameTable('a', 'b') }", true],
  ['SQL in a text', "exports.up = (knex) => knex.raw('ALTER TABLE t DROP COLUMN a')", true],
  ['SQL without the word column', 'exports.up = (knex) => knex.raw(`alter table t drop a`)', true],
  ['an added column', "exports.up = (knex) => knex.schema.alterTable('t', (t) => t.string('a'))", false],
  ['a dropped index', "exports.up = (knex) => knex.schema.alterTable('t', (t) => t.dropIndex('a'))", false],
  ['a dropped constraint', "exports.up = (knex) => knex.raw('alter table t drop constraint c')", false],
  [
    'a drop in down only',
    "exports.up = (k) => k.schema.createTable('t', () => {})\nexports.down = (k) => k.schema.dropTable('t')",
    false,
  ],
  [
    'down before up',
    "exports.down = (k) => k.schema.dropTable('t')\nexports.up = (k) => k.schema.createTable('t', () => {})",
    false,
  ],
  ['a drop that is commented out', "exports.up = (k) => k.schema // k.schema.dropTable('t')\n", false],
  ['a file marked as contract', "// refit: contract\nexports.up = (k) => k.raw(statements.join(';'))", true],
  ['a file marked as expand', "// refit: expand\nexports.up = (k) => k.schema.dropTableIfExists('left_over')", false],
])('%s', (_what, text, expected) => expect(takesAway(text)).toBe(expected))
