import semver from 'semver'

export const SERVICES = ['ledger', 'quoting', 'settlement'] as const
export type ServiceName = (typeof SERVICES)[number]

export type Behaviour =
  | 'ok'
  | 'never-ready'
  | 'crash-loop'
  | 'missing-image'
  | 'sick-during-bake'
  | 'crash-during-bake'
  | 'fails-one-in-twenty'
  | 'slow-start'
  | 'out-of-memory'
  | 'flapping-readiness'
  | 'init-fails'
  | 'migration-fails-on-data'
  | 'migration-heavy-lock'

/** What a version's code can do; older versions lack it. */
export type Feature = 'unknown-is-404' | 'quote-id' | 'own-quote'

export interface Release {
  service: ServiceName
  tag: string
  behaviour: Behaviour
  /** migration files this release adds to the image; it also carries those of all older releases it builds on */
  migrations: string[]
  note: string
}

/** What the hub starts with, as `service:tag`. */
export const firstReleases: readonly string[] = SERVICES.map((service) => `${service}:v1.0.0`)

/** What the bundler compiles into a service. */
export interface BuiltRelease {
  service: ServiceName
  /** without the leading v, as Mojaloop's health answers */
  version: string
  behaviour: Behaviour
  features: Feature[]
}

/**
 * All releases in the order in which the story publishes them. Every bad one has a tag of its own, newer than all before it,
 * so that it is offered; the next good one is newer still, so that the line goes on after a quarantine.
 */
export const RELEASES: Release[] = [
  release('ledger', 'v1.0.0', 'ok', 'first release', ['20260101000000_ledger.js']),
  release('quoting', 'v1.0.0', 'ok', 'first release'),
  release('settlement', 'v1.0.0', 'ok', 'first release'),
  release('ledger', 'v1.0.1', 'ok', 'bugfix: an unknown transfer answers 404 instead of 500'),
  release('quoting', 'v1.0.1', 'ok', 'bugfix, no change in behaviour'),
  release('settlement', 'v1.0.1', 'ok', 'bugfix, no change in behaviour'),
  release('ledger', 'v1.0.2', 'never-ready', 'runs, but readiness and health never turn good'),
  release('ledger', 'v1.0.3', 'crash-loop', 'exits with 1 a second after its start'),
  release('ledger', 'v1.0.4', 'missing-image', 'the manifest is there, its application layer is not'),
  release('settlement', 'v1.0.2', 'never-ready', 'stops the line of a hub release'),
  release('ledger', 'v1.1.0', 'ok', 'adds nullable transfer.quoteId and stores it (expand)', [
    '20260201000000_transfer_quoteId.js',
  ]),
  release('quoting', 'v1.1.0', 'ok', 'goes with ledger v1.1.0'),
  release('settlement', 'v1.1.0', 'ok', 'goes with ledger v1.1.0'),
  release('quoting', 'v1.1.1', 'never-ready', 'goes with ledger v1.1.6; stops the line of a hub release'),
  release('quoting', 'v1.1.2', 'ok', 'goes with ledger v1.1.6'),
  release(
    'ledger',
    'v1.1.1',
    'sick-during-bake',
    'expands the schema, then health turns DOWN while payments are answered',
    ['20260215000000_transfer_reference.js'],
  ),
  release('ledger', 'v1.1.2', 'fails-one-in-twenty', 'answers 500 to one payment in twenty, health says OK'),
  release('ledger', 'v1.1.3', 'slow-start', 'good, but takes 20 s until it is ready'),
  release('ledger', 'v1.1.4', 'migration-fails-on-data', 'NOT NULL at once: passes on an empty database only', [
    '20260220000000_transfer_quoteId_required.js',
  ]),
  release('ledger', 'v1.1.5', 'migration-heavy-lock', 'row by row in one transaction that locks the table', [
    '20260222000000_transfer_currency.js',
  ]),
  release('ledger', 'v1.1.6', 'ok', 'no change in behaviour'),
  release(
    'ledger',
    'v1.2.0',
    'ok',
    'every transfer has a quote: backfill, then NOT NULL (migrations/ledger, run by Refit)',
  ),
]

function release(
  service: ServiceName,
  tag: string,
  behaviour: Behaviour,
  note: string,
  migrations: string[] = [],
): Release {
  return { service, tag, behaviour, migrations, note }
}

/** The release `ledger:v1.0.1`; throws with the known names when there is none. */
export function findRelease(name: string): Release {
  const found = RELEASES.find((each) => releaseName(each) === name)
  if (!found) throw new Error(`no release ${name}; known: ${RELEASES.map(releaseName).join(', ')}`)
  return found
}

/** `ledger:v1.0.1` */
export const releaseName = ({ service, tag }: Pick<Release, 'service' | 'tag'>): string => `${service}:${tag}`

/** File names in the image's migration directory: its own and those of older releases, without withdrawn ones. */
export function migrationsIn(of: Release): string[] {
  const withdrawn = (each: Release) => each !== of && each.behaviour.startsWith('migration-')
  return RELEASES.filter((each) => each.service === of.service && semver.lte(each.tag, of.tag) && !withdrawn(each))
    .flatMap((each) => each.migrations)
    .sort()
}

/** The constants compiled into the bundle of a release. */
export function builtRelease(of: Release): BuiltRelease {
  const since: [string, Feature][] = [
    ['v1.0.1', 'unknown-is-404'],
    ['v1.1.0', 'quote-id'],
    ['v1.2.0', 'own-quote'],
  ]
  return {
    service: of.service,
    version: of.tag.slice(1),
    behaviour: of.behaviour,
    features: since.filter(([tag]) => semver.gte(of.tag, tag)).map(([, feature]) => feature),
  }
}

/** The sample's refit.yaml with the migrations of v1.2.0, which stand in it as a comment until that release comes. */
export const withDataMigrations = (yaml: string): string => yaml.replace(/^( {6})# (- kind: knex| {2,}\S)/gm, '$1$2')
