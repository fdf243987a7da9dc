import { parseArgs } from 'node:util'

export interface DemoOptions {
  keep: boolean
  rude: boolean
  simulated: boolean
  yes: boolean
  noInstall: boolean
  rate: number
}

const usage = `npm run demo -- [options]: Refit's whole job on real servers on this machine

  --simulated   simulated nodes only: changes nothing on the machine, measures no traffic
  --rude        adds a release that fails one payment in twenty while it looks healthy
  --keep        leaves everything running and prints what to try
  --rate N      payments per second (120)
  --yes         changes the machine without asking (packages, an address and routes on lo; all undone)
  --no-install  prints the packages it would install instead
`

/** Reads the command line; prints the usage and ends the process where that is asked for or needed. */
export function readOptions(args: string[]): DemoOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        keep: { type: 'boolean', default: false },
        rude: { type: 'boolean', default: false },
        simulated: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        'no-install': { type: 'boolean', default: false },
        rate: { type: 'string', default: '120' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      process.stdout.write(usage)
      process.exit(0)
    }
    const rate = Number(values.rate)
    if (!(rate > 0)) throw new Error(`--rate takes a number above 0, not ${values.rate}`)
    return {
      keep: values.keep,
      rude: values.rude,
      simulated: values.simulated,
      yes: values.yes,
      noInstall: values['no-install'],
      rate,
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    process.exit(2)
  }
}
