/** The ledger's own tables, and quoting's: the hub's services share one database. */
exports.up = async (knex) => {
  await knex.schema.createTable('quote', (table) => {
    table.string('quoteId', 64).primary()
    table.string('payer', 64).notNullable()
    table.string('payee', 64).notNullable()
    table.bigInteger('amount').notNullable()
    table.bigInteger('fee').notNullable()
    table.timestamp('createdAt').notNullable().defaultTo(knex.fn.now())
  })
  await knex.schema.createTable('transfer', (table) => {
    table.string('transferId', 64).primary()
    table.string('payer', 64).notNullable()
    table.string('payee', 64).notNullable()
    table.bigInteger('amount').notNullable()
    table.timestamp('createdAt').notNullable().defaultTo(knex.fn.now())
  })
  await knex.schema.createTable('transferQueue', (table) => {
    table.bigIncrements('id')
    table.string('transferId', 64).notNullable()
  })
  await knex.schema.createTable('ledgerEntry', (table) => {
    table.string('transferId', 64).notNullable()
    table.string('side', 6).notNullable().checkIn(['DEBIT', 'CREDIT'])
    table.string('account', 64).notNullable()
    table.bigInteger('amount').notNullable()
    table.timestamp('createdAt').notNullable().defaultTo(knex.fn.now())
    table.primary(['transferId', 'side'])
  })
  await knex.schema.createTable('consumerRun', (table) => {
    table.increments('id')
    table.string('pod', 253).notNullable()
    table.string('version', 32).notNullable()
    table.boolean('overlapped').notNullable()
    table.timestamp('startedAt').notNullable().defaultTo(knex.fn.now())
  })
}

exports.down = async (knex) => {
  for (const table of ['consumerRun', 'ledgerEntry', 'transferQueue', 'transfer', 'quote']) {
    await knex.schema.dropTable(table)
  }
}
