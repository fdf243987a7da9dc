/** The point of no return: v1.1 and older can't insert a transfer without a quote any more. */
const CHECK = 'transfer_quoteid_present'

// Three statements, three transactions: the scan of VALIDATE must not run under the lock of ADD.
exports.config = { transaction: false, repeatable: true }

exports.up = async (knex) => {
  await knex.raw(`alter table transfer drop constraint if exists ${CHECK}`)
  await knex.raw(`alter table transfer add constraint ${CHECK} check ("quoteId" is not null) not valid`)
  await knex.raw(`alter table transfer validate constraint ${CHECK}`)
  // With a valid check Postgres needs no scan here.
  await knex.raw(`alter table transfer alter column "quoteId" set not null`)
  await knex.raw(`alter table transfer drop constraint ${CHECK}`)
}

exports.down = (knex) => knex.raw(`alter table transfer alter column "quoteId" drop not null`)
