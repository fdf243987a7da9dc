/** `npm run supply:sbom`: what is shipped, as CycloneDX on stdout. The same lock file gives the same list. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(__dirname, '..', '..')
const maxBuffer = 64 * 1024 * 1024
const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--omit=dev', '--package-lock-only']
const bom = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer })) as Record<string, unknown>
// A number and a time of each run, which say nothing of what is shipped.
const { serialNumber: _, metadata, ...rest } = bom
const { timestamp: __, ...kept } = metadata as Record<string, unknown>
process.stdout.write(`${JSON.stringify({ ...rest, metadata: kept }, null, 2)}\n`)
