/** A deliberately bad example: no backfill first, so it passes on an empty database and fails on a used one. */
exports.up = (knex) => knex.schema.alterTable('transfer', (table) => table.dropNullable('quoteId'))

exports.down = (knex) => knex.schema.alterTable('transfer', (table) => table.setNullable('quoteId'))
