/** Nullable without default: older code goes on inserting. */
exports.up = (knex) => knex.schema.alterTable('transfer', (table) => table.string('quoteId', 64).nullable())

exports.down = (knex) => knex.schema.alterTable('transfer', (table) => table.dropColumn('quoteId'))
