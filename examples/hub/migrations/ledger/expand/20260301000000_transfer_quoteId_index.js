/** Finds the rows that the backfill still has to fill (an index holds nulls too). */
const INDEX = 'transfer_quoteid_index'

// CREATE INDEX CONCURRENTLY takes no lock that stops writers, but refuses to run in a transaction.
exports.config = { transaction: false, repeatable: true }

exports.up = async (knex) => {
  const { rows } = await knex.raw(
    `select i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname = ?`,
    [INDEX],
  )
  // An interrupted build leaves an invalid index that nothing uses.
  if (rows[0] && !rows[0].valid) await knex.raw(`drop index concurrently ${INDEX}`)
  await knex.raw(`create index concurrently if not exists ${INDEX} on transfer ("quoteId")`)
}

exports.down = (knex) => knex.raw(`drop index concurrently if exists ${INDEX}`)
