import type { Knex } from 'knex'

/** What was read of images' own migrations, so that no image is read twice. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table image_migrations (
      repository text not null,
      digest text not null,
      folder text not null,
      found jsonb not null,
      at timestamptz not null default now(),
      primary key (repository, digest, folder)
    );
    comment on table image_migrations is 'The migrations in an image, by name and content hash, read from its layers once. folder is the one that was asked for, empty when it was looked for. A digest names its content, so that rows never change.';
    create index image_migrations_at on image_migrations (at);
  `)
}

/** Forward only: Refit's own record is never thrown away by a tool. */
export function down(): Promise<void> {
  return Promise.reject(new Error('migrations of the store of Refit go forward only'))
}
