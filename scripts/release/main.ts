/** `npm run release`: what comes next, what it says, and its tag; the same for Refit and the services of the sample hub. */
import { main } from './cli'

try {
  process.stdout.write(`${main(process.argv.slice(2))}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
