/**
 * A deliberately bad example: the ALTER takes ACCESS EXCLUSIVE and keeps it for the whole transaction, while one row after
 * another is filled.
 */
exports.up = async (knex) => {
  await knex.schema.alterTable('transfer', (table) => table.string('currency', 3).nullable())
  for (const { transferId } of await knex('transfer').select('transferId')) {
    await knex('transfer').where({ transferId }).update({ currency: 'KES' })
  }
  await knex.raw(`alter table transfer alter column currency set default 'KES', alter column currency set not null`)
}

exports.down = (knex) => knex.schema.alterTable('transfer', (table) => table.dropColumn('currency'))
