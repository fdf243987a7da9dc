exports.up = (knex) => knex.schema.alterTable('transfer', (table) => table.string('reference', 140).nullable())

exports.down = (knex) => knex.schema.alterTable('transfer', (table) => table.dropColumn('reference'))
