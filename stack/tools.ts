import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock'
import { cacheRoot, goModules } from './paths'
import { elapsed, ticking } from './progress'
import { findProgram, run } from './run'
import { StackError, type Progress } from './types'

interface Tool {
  /** Folder under stack/go. */
  module: string
  package: string
  /** The requirement in go.mod that pins the version; absent for a program of our own. */
  pinnedBy?: string
  /** Measured on two cores from an empty cache, in the order of `build`; told before a build starts. */
  seconds: number
}

const kubernetes = (name: string, seconds: number): Tool => ({
  module: 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
  pinnedBy: 'k8s.io/kubernetes',
  seconds,
})

const table = {
  pki: { module: 'pki', package: '.', seconds: 10 },
  pause: { module: 'pause', package: '.', seconds: 1 },
  etcd: { module: 'etcd', package: '.', pinnedBy: 'go.etcd.io/etcd/server/v3', seconds: 25 },
  'kube-apiserver': kubernetes('kube-apiserver', 190),
  'kube-controller-manager': kubernetes('kube-controller-manager', 60),
  'kube-scheduler': kubernetes('kube-scheduler', 6),
  kubectl: kubernetes('kubectl', 24),
  kubelet: kubernetes('kubelet', 20),
  'kube-proxy': kubernetes('kube-proxy', 10),
  kwok: {
    module: 'kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    pinnedBy: 'sigs.k8s.io/kwok',
    seconds: 70,
  },
  temporal: {
    module: 'temporal',
    package: 'github.com/temporalio/cli/cmd/temporal',
    pinnedBy: 'github.com/temporalio/cli',
    seconds: 150,
  },
  registry: {
    module: 'registry',
    package: 'github.com/distribution/distribution/v3/cmd/registry',
    pinnedBy: 'github.com/distribution/distribution/v3',
    seconds: 60,
  },
  crane: {
    module: 'crane',
    package: 'github.com/google/go-containerregistry/cmd/crane',
    pinnedBy: 'github.com/google/go-containerregistry',
    seconds: 4,
  },
  /** No part of a stack: a test has it read .github/workflows. */
  actionlint: {
    module: 'actionlint',
    package: 'github.com/rhysd/actionlint/cmd/actionlint',
    pinnedBy: 'github.com/rhysd/actionlint',
    seconds: 25,
  },
  /** No part of a stack: tests send it our alerts. */
  alertmanager: {
    module: 'alertmanager',
    package: 'github.com/prometheus/alertmanager/cmd/alertmanager',
    pinnedBy: 'github.com/prometheus/alertmanager',
    seconds: 30,
  },
  /** No part of a stack either: tests install the chart with it. */
  helm: { module: 'helm', package: 'helm.sh/helm/v3/cmd/helm', pinnedBy: 'helm.sh/helm/v3', seconds: 60 },
} satisfies Record<string, Tool>

export type ToolName = keyof typeof table

/** All tools the launcher can build, in the order in which they are built. */
export const toolNames = Object.keys(table) as ToolName[]

/** The pinned version of a tool: from its go.mod, or a digest of the source of our own programs. */
export function toolVersion(name: ToolName): string {
  const tool: Tool = table[name]
  const folder = join(goModules, tool.module)
  if (!tool.pinnedBy) {
    const hash = createHash('sha256')
    for (const file of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, file)))
    return hash.digest('hex').slice(0, 12)
  }
  const version = pinnedVersion(readFileSync(join(folder, 'go.mod'), 'utf8'), tool.pinnedBy)
  if (!version) throw new Error(`${folder}/go.mod does not pin ${tool.pinnedBy}`)
  return version
}

/** The version that a go.mod requires of a module. */
export function pinnedVersion(goMod: string, module: string): string | undefined {
  const line = goMod.split('\n').map((text) => text.trim().replace(/^require /, ''))
  return line.find((text) => text.startsWith(`${module} v`))?.split(' ')[1]
}

/** Where a tool is, or will be once it is built. */
export function toolPath(name: ToolName): string {
  return join(cacheRoot(), 'bin', `${name}-${toolVersion(name)}`, name)
}

/** Of these tools, those that aren't in the cache. */
export function missingTools(names: readonly ToolName[]): ToolName[] {
  return toolNames.filter((name) => names.includes(name) && !existsSync(toolPath(name)))
}

/** About how many seconds two cores take to build these. */
export function buildEstimate(names: readonly ToolName[]): number {
  return names.reduce((sum, name) => sum + table[name].seconds, 0)
}

/**
 * Builds what the cache lacks, one tool after the other: Go itself uses all cores.
 *
 * @returns the path of every tool asked for
 */
export async function buildBinaries(
  names: readonly ToolName[],
  progress: Progress,
): Promise<Partial<Record<ToolName, string>>> {
  if (missingTools(names).length > 0) {
    if (!findProgram('go'))
      throw new StackError(
        'Go is missing: the local stack builds its programs with Go 1.25 or newer (https://go.dev/dl)',
      )
    const onWait = (holder: string) => progress(`waiting for ${holder}`)
    await withLock(
      join(cacheRoot(), 'bin.lock'),
      'another launcher that builds',
      { timeout: 40 * 60_000, onWait },
      async () => {
        const missing = missingTools(names)
        for (const [index, name] of missing.entries()) {
          await build(name, `build ${index + 1}/${missing.length} ${name} ${toolVersion(name)}`, progress)
        }
      },
    )
  }
  return Object.fromEntries(names.map((name) => [name, toolPath(name)]))
}

async function build(name: ToolName, label: string, progress: Progress): Promise<void> {
  const tool: Tool = table[name]
  const target = toolPath(name)
  const unfinished = `${target}.${process.pid}.unfinished`
  // Whatever a killed launcher left there.
  rmSync(join(target, '..'), { recursive: true, force: true })
  mkdirSync(join(target, '..'), { recursive: true })
  progress(`${label}: started (usually ${tool.seconds} s on two cores)`)
  const start = Date.now()
  let modules = 0
  const args = [
    'build',
    '-mod=readonly',
    '-buildvcs=false',
    '-ldflags',
    linkerFlags(tool),
    '-o',
    unfinished,
    tool.package,
  ]
  const env = { CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '' }
  const onStderr = (chunk: string) => (modules += chunk.split('go: downloading ').length - 1)
  const work = () => run('go', args, { cwd: join(goModules, tool.module), env, onStderr })
  await ticking(progress, label, work, () => (modules > 0 ? `, ${modules} modules downloaded` : ''))
  renameSync(unfinished, target)
  progress(`${label}: built in ${elapsed(start)}`)
}

/** Clients ask a Kubernetes server for its version, and get v0.0.0 unless it is stamped. */
function linkerFlags(tool: Tool): string {
  if (tool.module !== 'kubernetes') return '-s -w'
  const version = toolVersion('kube-apiserver')
  const [major, minor] = version.slice(1).split('.')
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' }
  const flags = Object.entries(stamps).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`)
  return ['-s -w', ...flags].join(' ')
}
