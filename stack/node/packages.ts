import { existsSync, writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram, run } from '../run'
import { ticking } from '../progress'
import { StackError, type Progress } from '../types'

const cniFolders = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni']

/** What a real node needs from the machine, and the Debian package that has it. */
const requirements: { package: string; found: () => boolean }[] = [
  { package: 'containerd', found: () => hasAll('containerd', 'ctr', 'containerd-shim-runc-v2') },
  { package: 'runc', found: () => hasAll('runc') },
  { package: 'containernetworking-plugins', found: () => findCniFolder() !== undefined },
  { package: 'iptables', found: () => hasAll('iptables', 'iptables-save', 'ip6tables') },
  { package: 'conntrack', found: () => hasAll('conntrack') },
  { package: 'iproute2', found: () => hasAll('ip') },
]

/** Debian packages that a real node needs and the machine lacks. What is on PATH already is used as it is. */
export function missingPackages(): string[] {
  return requirements.filter(({ found }) => !found()).map((requirement) => requirement.package)
}

/** The commands that install packages without ever removing another, such as Docker's containerd.io. */
export function installCommands(packages: readonly string[]): string[][] {
  return [
    ['apt-get', 'update'],
    ['apt-get', 'install', '--yes', '--no-remove', '--no-install-recommends', ...packages],
  ]
}

/** Installs packages; their services don't start, since the stack runs a containerd of its own. */
export async function installPackages(packages: readonly string[], progress: Progress): Promise<void> {
  if (!findProgram('apt-get')) {
    throw new StackError(
      `A real node needs ${packages.join(', ')} (Debian's names), and there is no apt-get here: ` +
        'install them your way, or use --simulated',
    )
  }
  await withoutServices(async () => {
    for (const [file = '', ...args] of installCommands(packages)) {
      const label = [file, ...args].join(' ')
      progress(label)
      await ticking(progress, label, () => run(file, args, { env: { DEBIAN_FRONTEND: 'noninteractive' } }))
    }
  })
  if (packages.includes('containerd') && existsSync('/run/systemd/system')) {
    await run('systemctl', ['disable', 'containerd.service'], { allowFailure: true })
  }
  const still = missingPackages()
  if (still.length > 0) throw new StackError(`Installed, but not found on PATH: ${still.join(', ')}`)
}

/** The folder with the CNI plugins. */
export function cniFolder(): string {
  const folder = findCniFolder()
  if (!folder) throw new StackError('The CNI plugins bridge, host-local and loopback are missing')
  return folder
}

function findCniFolder(): string | undefined {
  const plugins = ['bridge', 'host-local', 'loopback']
  return cniFolders.find((folder) => plugins.every((plugin) => existsSync(join(folder, plugin))))
}

function hasAll(...programs: string[]): boolean {
  return programs.every((name) => findProgram(name) !== undefined)
}

/** Debian's way to keep a package's service from starting while it is installed. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return work()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await work()
  } finally {
    rmSync(policy, { force: true })
  }
}
