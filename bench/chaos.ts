/**
 * Kills Refit's worker at every step of its workflows, or at random, and looks whether anything is lost, mixed or done
 * twice (docs/chaos.md). Last line: JSON.
 */
import { parseArgs } from 'node:util'
import { quietly } from './chaos/check-told'
import { closeOpenHubs } from './chaos/hub'
import { runMatrix } from './chaos/matrix'
import { runWalk } from './chaos/walk'

const usage = `npm run chaos -- [--matrix | --minutes N --seed S]: kills Refit at every step, or at random

  --matrix      each step of each workflow, killed before, inside and after (the default)
  --minutes N   a random walk for so long: the worker, servers and people
  --seed S      what the walk draws, as an earlier run printed it
`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      matrix: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const [minutes, seed] = [Number(values.minutes ?? 0), Number(values.seed)]
  if (!(minutes >= 0) || !Number.isInteger(seed)) throw new Error('--minutes and --seed are numbers')
  quietly()
  // Ctrl-C, and a machine that ends what runs too long.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void closeOpenHubs().finally(() => process.exit(1)))
  const result = minutes > 0 && !values.matrix ? await runWalk({ minutes, seed }) : await runMatrix()
  process.stdout.write(`${JSON.stringify(result)}\n`)
  return result.violations > 0 ? 1 : 0
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  },
)
