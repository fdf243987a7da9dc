import type { Knex } from 'knex'

/** Old samples are found without reading all of them; they lie in the order in which they came. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('create index health_sample_at on health_sample using brin (at)')
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
