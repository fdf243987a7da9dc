import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A release of a service in the style of Mojaloop's central-ledger: what it did to the list of its migrations. */
export interface ReleaseChange {
  name: string
  add?: string[]
  remove?: string[]
  /** edited in place, with another content */
  edit?: string[]
}

export interface Release {
  name: string
  /** file name → text */
  files: Record<string, string>
}

/**
 * A service with over 200 migrations and releases after that, in the style of Mojaloop's central-ledger: six digits that
 * are no timestamps, so that later files come before earlier ones; a table and its indexes in two files, guarded by
 * `hasTable`; a file that was renamed, had both names for a while, and one that was withdrawn again.
 */
export function centralLedgerReleases(): Release[] {
  const files: Record<string, string> = baseline()
  const releases: Release[] = [{ name: 'v9.2.1', files: { ...files } }]
  for (const { name, add = [], remove = [], edit = [] } of changes) {
    for (const file of remove) delete files[file]
    for (const file of add) files[file] = alters(file)
    for (const file of edit) files[file] = `${files[file]}\n// edited in ${name}\n`
    releases.push({ name, files: { ...files } })
  }
  return releases
}

/** Writes the files of a release into a new folder below `parent`. */
export async function writeRelease(parent: string, { name, files }: Release): Promise<string> {
  const folder = join(parent, name)
  await mkdir(folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
  // Services have this beside their migrations; knex passes it over.
  await writeFile(join(folder, 'migration.template'), '// exports.up and exports.down')
  return folder
}

const misspelt = '400401_settlmentWindowStateChange-indexes.js'
const corrected = '400401_settlementWindowStateChange-indexes.js'

/** By turns what real releases did: most do nothing, some add, few remove or edit. */
const changes: ReleaseChange[] = [
  { name: 'v9.2.2', add: ['111700_settlementDelay.js', '910103_feature.js', corrected], remove: [misspelt] },
  { name: 'v9.3.0' },
  { name: 'v9.4.0', add: [misspelt], remove: [corrected] },
  { name: 'v9.5.0', add: [corrected, '310203_transferParticipant-indexes.js'] },
  { name: 'v9.5.2', add: ['950101_transferParticipantStateChange.js'] },
  { name: 'v10.0.0' },
  { name: 'v10.1.0' },
  { name: 'v10.1.1', remove: [corrected], edit: [misspelt] },
  { name: 'v10.3.1', add: ['501001_quoteExtension.js'] },
  { name: 'v10.4.4', add: ['310503_participantLimit-indexes-composite.js'] },
  { name: 'v12.0.0', add: ['950103_drop.js', '950104_settlementModel.js'] },
  { name: 'v13.0.0', edit: ['200011_table1-indexes.js'] },
  { name: 'v13.3.0', add: ['500501_fixSubIdRef.js', '800101_fixSubIdRef.js'] },
  { name: 'v13.14.0', add: ['500601_party.js'] },
  { name: 'v17.0.0' },
  { name: 'v17.7.0', add: ['950108_participantProxy.js'] },
  { name: 'v17.7.1', remove: ['950108_participantProxy.js'] },
  { name: 'v17.7.8' },
  { name: 'v18.0.0', add: Array.from({ length: 42 }, (_, i) => `${600_010 + i}_fxTransfer${i}.js`) },
  { name: 'v19.0.0', edit: ['600010_fxTransfer0.js', '600011_fxTransfer1.js'] },
  { name: 'v19.1.2', add: ['960112_fxTransfer-indexes2.js'] },
  { name: 'v19.8.4', add: ['961000_participantEndpoint_unique.js'] },
  { name: 'v19.8.7', add: ['310405_participantPositionChange.js'] },
  {
    name: 'v19.8.9',
    add: ['310406_participantPositionChange-revert.js'],
    edit: ['310405_participantPositionChange.js'],
  },
  { name: 'v19.12.0', add: ['961001_transferForwarded.js', '961002_fxTransferForwarded.js'] },
  { name: 'v19.13.1', add: ['950120_fxQuoteConversionTerms_nullable.js'] },
]

const tables = 80

/** 80 tables, each in a file of its own and with another one for its index; and the misspelt one. */
function baseline(): Record<string, string> {
  const files: Record<string, string> = { [misspelt]: alters(misspelt) }
  for (let i = 0; i < tables; i += 1) {
    const number = 200_000 + i * 10
    files[`${number}_table${i}.js`] = creates(`table${i}`)
    files[`${number + 1}_table${i}-indexes.js`] = indexes(`table${i}`)
  }
  return files
}

const creates = (table: string): string => `'use strict'

exports.up = async (knex) => {
  return knex.schema.hasTable('${table}').then((exists) => {
    if (!exists) {
      return knex.schema.createTable('${table}', (t) => {
        t.bigIncrements('${table}Id').primary().notNullable()
        t.string('name', 50).notNullable()
        t.decimal('amount', 18, 2).nullable()
        t.dateTime('createdDate').defaultTo(knex.fn.now()).notNullable()
      })
    }
  })
}

exports.down = (knex) => knex.schema.dropTableIfExists('${table}')
`

const indexes = (table: string): string => `'use strict'

exports.up = (knex) => knex.schema.table('${table}', (t) => t.index('name'))

exports.down = (knex) => knex.schema.table('${table}', (t) => t.dropIndex('name'))
`

/** A table of its own per file: what matters here is the list. */
function alters(file: string): string {
  const table = `x_${file
    .replace(/\.js$/, '')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .slice(0, 50)}`
  return creates(table)
}
