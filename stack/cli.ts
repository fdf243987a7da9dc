import { Command, InvalidArgumentError, Option } from 'commander'
import Table from 'cli-table3'
import { spawn } from 'node:child_process'
import colors from 'picocolors'
import { attach, down, partNames, StackError, status, up, type PartName, type PartStatus, type Stack } from './index'
import { stackDirectory } from './paths'
import { findLog } from './status'

const output = () => new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text')

interface UpFlags {
  simulated?: boolean
  real?: boolean
  yes?: boolean
  install: boolean
  part?: PartName[]
  output: 'text' | 'json'
}

function parsePart(value: string): PartName {
  const found = partNames.find((name) => name === value)
  if (!found) throw new InvalidArgumentError(`It is one of: ${partNames.join(', ')}.`)
  return found
}

const program = new Command('stack')
  .description('The local stack: Temporal, PostgreSQL, Kubernetes and a registry on this machine, without Docker.')
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    `
Examples:
  $ npm run stack -- up                 start everything; as root on Linux with a real node
  $ npm run stack -- up --simulated     simulated nodes only: changes nothing on the machine
  $ npm run stack -- up second --simulated    another one beside it
  $ npm run stack -- status
  $ npm run stack -- logs kube-apiserver -f
  $ npm run stack -- down --purge       stop it and forget its data`,
  )

program
  .command('up')
  .description('start a stack, or what of it died, and wait until it is healthy')
  .argument('[name]', 'name of the stack', 'default')
  .addOption(new Option('--simulated', 'simulated nodes only: pods have no processes').conflicts('real'))
  .option('--real', 'insist on a real node')
  .option('--part <part>', `only this part and what it needs (repeatable)`, (value, all: PartName[] = []) => [
    ...all,
    parsePart(value),
  ])
  .option('-y, --yes', 'change the machine without asking')
  .option('--no-install', 'print the commands that install packages instead of running them')
  .addOption(output())
  .action(async (name: string, flags: UpFlags) => {
    const node = flags.simulated ? 'simulated' : flags.real ? 'real' : 'auto'
    const stack = await up({ name, node, yes: flags.yes, noInstall: !flags.install, parts: flags.part })
    console.log(flags.output === 'json' ? JSON.stringify(summary(stack), null, 2) : nextSteps(stack))
  })

program
  .command('down')
  .description('stop a stack and undo its changes to the machine')
  .argument('[name]', 'name of the stack', 'default')
  .option('--purge', 'remove its data, keys and logs too')
  .action((name: string, flags: { purge?: boolean }) => down(name, flags))

program
  .command('status')
  .description('show every part; exits with 1 unless all run')
  .argument('[name]', 'name of the stack', 'default')
  .addOption(output())
  .action(async (name: string, flags: { output: string }) => {
    const parts = await status(name)
    console.log(flags.output === 'json' ? JSON.stringify({ name, parts }, null, 2) : table(name, parts))
    if (parts.length === 0 || parts.some((part) => part.state !== 'running')) process.exitCode = 1
  })

program
  .command('logs')
  .description('print the log of one part')
  .argument('<part>', partNames.join(', '), parsePart)
  .argument('[name]', 'name of the stack', 'default')
  .option('-f, --follow', 'go on as it grows')
  .option('-n, --lines <count>', 'how many of the last lines', '200')
  .action((part: PartName, name: string, flags: { follow?: boolean; lines: string }) => {
    const path = findLog(name, part)
    if (!path) throw new StackError(`${part} of stack "${name}" has no log: it never ran`)
    spawn('tail', ['-n', flags.lines, ...(flags.follow ? ['-F'] : []), path], { stdio: 'inherit' })
  })

program
  .command('env')
  .description('print a running stack as JSON: addresses, credentials, paths')
  .argument('[name]', 'name of the stack', 'default')
  .action(async (name: string) => console.log(JSON.stringify(summary(await attach(name)), null, 2)))

function summary({ name, stateDir, node, temporal, postgres, registry, kubernetes, bin }: Stack): object {
  const { host, port, user, password } = postgres
  const url = postgres.url('postgres')
  return { name, stateDir, node, temporal, postgres: { host, port, user, password, url }, registry, kubernetes, bin }
}

function nextSteps({ name, temporal, kubernetes, postgres, registry, bin }: Stack): string {
  const suffix = name === 'default' ? '' : ` ${name}`
  return `
Temporal Web UI   ${colors.cyan(temporal.webUi)}
Temporal          ${temporal.address}
PostgreSQL        ${postgres.url('postgres')}
Registry          ${registry.host}
Kubernetes        export KUBECONFIG=${kubernetes.kubeconfig}
                  ${bin.kubectl} get nodes

For Refit         export DATABASE_URL=${postgres.url('postgres')} TEMPORAL_ADDRESS=${temporal.address}
                  export REFIT_KUBECONFIG=${kubernetes.kubeconfig} REGISTRY=${registry.host}
For the hub       export HUB_DATABASE_URL=${postgres.url('postgres')}

Next:  npm run stack -- status${suffix}
       npm run stack -- down${suffix}`
}

function table(name: string, parts: PartStatus[]): string {
  if (parts.length === 0) return `There is no stack "${name}" in ${stackDirectory(name)}`
  const color = { running: colors.green, unhealthy: colors.yellow, stopped: colors.red }
  const rows = new Table({ head: ['part', 'state', 'pid', 'address', 'log'], style: { head: [], border: [] } })
  for (const { part, state, reason, pid, address, log } of parts) {
    rows.push([part, color[state](reason ? `${state}: ${reason}` : state), pid ?? '', address ?? '', log])
  }
  return rows.toString()
}

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof StackError ? colors.red(error.message) : error)
  process.exitCode = 1
})
