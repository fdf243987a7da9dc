import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Rehearsal, rehearse, type RehearseInput } from '../../../src/clients/migrations/rehearse'
import { type TestDatabases, testDatabases } from '../../support/database'

export const schema = `
  create table quote (id bigint primary key);
  create table transfer (id bigint primary key, state varchar(20), amount numeric(10, 2), quote bigint);
  create index transfer_state on transfer (state);
  create unique index transfer_amount on transfer (amount);
  insert into transfer values (1, 'done', 1, 1);`

export interface Rehearsals {
  databases: TestDatabases
  /** of an empty database */
  url: string
  /** rehearses these files, by path, on `schema` */
  on(files: Record<string, string>, over?: Partial<RehearseInput>): Promise<Rehearsal>
  remove(): Promise<void>
}

/** A throw-away server, and rehearsals on it. */
export async function rehearsals(): Promise<Rehearsals> {
  const databases = await testDatabases()
  const url = await databases.create()
  const root = mkdtempSync(join(tmpdir(), 'refit-rehearse-'))
  return {
    databases,
    url,
    on(files, over = {}) {
      const directory = mkdtempSync(join(root, 'files-'))
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), text)
      }
      const rest = {
        sizes: new Map<string, number>(),
        list: 'knex_migrations',
        deadlineMs: 20_000,
        say: () => undefined,
      }
      return rehearse({ url, schema, directory, ...rest, ...over })
    },
    async remove() {
      rmSync(root, { recursive: true })
      await databases.remove()
    },
  }
}

/** A knex file with this body of `up`. */
export const knex = (body: string, rest = ''): string => `exports.up = async (knex) => { ${body} }\n${rest}`
