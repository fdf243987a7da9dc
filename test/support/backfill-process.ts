import { runBackfill } from '../../src/clients/backfill-run'
import type { Backfill } from '../../src/domain/migrations/backfill'

/** A process that runs a backfill, for tests that kill it: URL, declaration, owner, options; a line per step on stdout. */
const [url = '', declared = '', owner = '', more = '{}'] = process.argv.slice(2)

runBackfill({
  ...{ url, owner, backfill: JSON.parse(declared) as Backfill },
  ...(JSON.parse(more) as object),
  onProgress: (progress) => void process.stdout.write(`${JSON.stringify(progress)}\n`),
}).then(
  ({ outcome }) => process.stdout.write(`${outcome}\n`),
  (error: unknown) => {
    process.stdout.write(`${(error as { code?: string }).code}\n`)
    process.exitCode = 1
  },
)
