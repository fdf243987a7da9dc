import { createInterface } from 'node:readline/promises'
import { cacheRoot } from './paths'
import { installCommands, missingPackages } from './node/packages'
import { machineChanges } from './node/machine'
import { buildEstimate, missingTools, type ToolName } from './tools'
import { StackError, type NodeMode, type Progress } from './types'

export interface Changes {
  packages: string[]
  builds: ToolName[]
  machine: string[]
}

/** What an `up` would install, build and change. */
export function plannedChanges(node: NodeMode, tools: readonly ToolName[], alreadyChanged: boolean): Changes {
  const real = node === 'real'
  return {
    packages: real ? missingPackages() : [],
    builds: missingTools(tools),
    machine: real && !alreadyChanged ? machineChanges() : [],
  }
}

/** The changes as lines for a person; empty when there are none. */
export function describe({ packages, builds, machine }: Changes): string[] {
  const lines: string[] = []
  if (packages.length > 0)
    lines.push('Packages to install (nothing is removed):', ...packages.map((name) => `  ${name}`))
  if (builds.length > 0) {
    const minutes = Math.ceil(buildEstimate(builds) / 60)
    lines.push(
      `Programs to build with Go into ${cacheRoot()}/bin (about ${minutes} min on two cores; Go's caches grow by about 10 GB if all are built):`,
      `  ${builds.join(', ')}`,
    )
  }
  if (machine.length > 0) {
    lines.push('Changes to this machine, undone by `down`:', ...machine.map((change) => `  ${change}`))
  }
  return lines
}

/** Shows the changes and, on a terminal, asks once. @throws StackError when the answer is no */
export async function askConsent(changes: Changes, yes: boolean, progress: Progress): Promise<void> {
  const lines = describe(changes)
  lines.forEach((line) => progress(line))
  if (lines.length === 0 || yes || !process.stdin.isTTY || !process.stderr.isTTY) return
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question('Go on? [Y/n] ')
  terminal.close()
  if (!/^(y(es)?)?$/i.test(answer.trim())) throw new StackError('Nothing was changed')
}

/** @throws StackError with the commands to run by hand, if a package is missing */
export function refuseInstall({ packages }: Changes): void {
  if (packages.length === 0) return
  const commands = installCommands(packages).map((command) => `  ${command.join(' ')}`)
  throw new StackError(['A real node needs packages. Run:', ...commands, 'or use --simulated.'].join('\n'))
}
