/** `npm run supply:sbom`: what is shipped, as CycloneDX on stdout. The same lock file gives the same list. */
import { join } from 'node:path'
import { shippedSbom } from './shipped'

const bom = shippedSbom(join(__dirname, '..', '..'))
// A number and a time of each run, which say nothing of what is shipped.
const ofTheRun: ReadonlySet<string> = new Set(['serialNumber', 'timestamp'])
process.stdout.write(`${JSON.stringify(bom, (key, value: unknown) => (ofTheRun.has(key) ? undefined : value), 2)}\n`)
