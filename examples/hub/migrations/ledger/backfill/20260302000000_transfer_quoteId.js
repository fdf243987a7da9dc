/** Old transfers get their own id as quote, as v1.2.0 writes new ones that come without. */
const BATCH = 1000

// Each batch commits on its own, so that no row stays locked for long and a restart goes on where it was.
exports.config = { transaction: false }

exports.up = async (knex) => {
  for (let filled = BATCH; filled > 0;) {
    const { rowCount } = await knex.raw(
      `update transfer set "quoteId" = "transferId"
        where "transferId" in (select "transferId" from transfer where "quoteId" is null limit ?) and "quoteId" is null`,
      [BATCH],
    )
    filled = rowCount
  }
}

/** Nothing to undo: a filled column harms no version. */
exports.down = async () => {}
