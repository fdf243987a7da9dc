/** `npm run supply`: licences of all packages, and known flaws of what is shipped. */
import { join } from 'node:path'
import { audit } from './audit'
import { refusedLicences } from './licences'
import { shippedSbom } from './shipped'

const root = join(__dirname, '..', '..')
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const refused = refusedLicences(join(root, 'package-lock.json'))
for (const { name, version, licence } of refused)
  say(`licence: ${name}@${version} is under ${licence}, which is not allowed`)
if (refused.length === 0) say('licences: all allowed')

const found = audit(root, new Set(shippedSbom(root).components.map(({ name }) => name)))
if (found.kind === 'clean') say('audit: no known flaw of high or critical severity in what is shipped')
if (found.kind === 'flaws') for (const line of found.lines) say(`audit: ${line}`)
// A registry that mirrors packages often has no advisories: that stops nobody, but is never called clean.
if (found.kind === 'unknown') say(`audit: NOT DONE, the audit service could not be asked (${found.why})`)
process.exitCode = refused.length > 0 || found.kind === 'flaws' ? 1 : 0
