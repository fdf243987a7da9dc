/**
 * The floors of bench:fleet. Run as a program it is the bare Node script: the same client library, 32 Deployments at
 * once, each patched and watched until its rollout is complete, with nothing around it; prints the seconds.
 *   fleet-floor.ts KUBECONFIG FILE old|next
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { V1Deployment } from '@kubernetes/client-node'
import pLimit from 'p-limit'
import type { FleetWorkload } from './fleet-hub'

export const atOnce = 32
export type Direction = 'old' | 'next'
const run = promisify(execFile)

/** `kubectl set image` and `kubectl rollout status` for each, 32 processes at once. Seconds. */
export async function byKubectl(
  at: { kubectl: string; kubeconfig: string; folder: string },
  workloads: readonly FleetWorkload[],
  to: Direction,
): Promise<number> {
  const file = `${at.folder}/kubectl-arguments`
  await writeFile(
    file,
    workloads.map((each) => `${each.namespace} ${each.name} ${each.container}=${each[to]}\n`).join(''),
  )
  const kubectl = `"${at.kubectl}" --kubeconfig "${at.kubeconfig}" -n "$0"`
  const script = `${kubectl} set image "deployment/$1" "$2" && ${kubectl} rollout status "deployment/$1"`
  const started = performance.now()
  await run('xargs', ['-a', file, '-P', String(atOnce), '-L', '1', 'sh', '-c', script], { maxBuffer: 64 * 1024 * 1024 })
  return (performance.now() - started) / 1_000
}

/** The bare script as a process of its own. Seconds, without its start. */
export async function byScript(
  at: { kubeconfig: string; folder: string },
  workloads: readonly FleetWorkload[],
  to: Direction,
): Promise<number> {
  const file = `${at.folder}/script-workloads.json`
  await writeFile(file, JSON.stringify(workloads))
  const args = ['--import', require.resolve('tsx'), __filename, at.kubeconfig, file, to]
  const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 })
  return Number(stdout.trim().split('\n').at(-1))
}

async function script(kubeconfig: string, file: string, to: Direction): Promise<number> {
  const { AppsV1Api, KubeConfig, Watch } = await import('@kubernetes/client-node')
  const workloads = JSON.parse(await readFile(file, 'utf8')) as FleetWorkload[]
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const apps = config.makeApiClient(AppsV1Api)
  const watch = new Watch(config)
  const waiting = new Map<string, (deployment: V1Deployment) => void>()
  const streams = await Promise.all(
    [...new Set(workloads.map(({ namespace }) => namespace))].map((namespace) =>
      watch.watch(
        `/apis/apps/v1/namespaces/${namespace}/deployments`,
        {},
        (_type, deployment: V1Deployment) => waiting.get(`${namespace}/${deployment.metadata?.name}`)?.(deployment),
        () => undefined,
      ),
    ),
  )
  const limit = pLimit(atOnce)
  const started = performance.now()
  await Promise.all(
    workloads.map(({ namespace, name, ...workload }) =>
      limit(async () => {
        const body = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: workload[to] }]
        const patched = await apps.patchNamespacedDeployment({ namespace, name, body })
        const generation = patched.metadata?.generation ?? 0
        await new Promise<void>((resolve) =>
          waiting.set(`${namespace}/${name}`, (deployment) => isComplete(deployment, generation) && resolve()),
        )
      }),
    ),
  )
  const seconds = (performance.now() - started) / 1_000
  for (const stream of streams) stream.abort()
  return seconds
}

/** As `kubectl rollout status` decides it. */
function isComplete({ spec, status = {} }: V1Deployment, generation: number): boolean {
  const { observedGeneration = 0, updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status
  const isUpdated = observedGeneration >= generation && updatedReplicas >= (spec?.replicas ?? 1)
  return isUpdated && replicas === updatedReplicas && availableReplicas >= updatedReplicas
}

if (require.main === module) {
  const [kubeconfig = '', file = '', to = 'next'] = process.argv.slice(2)
  script(kubeconfig, file, to as Direction).then(
    (seconds) => {
      process.stdout.write(`${seconds}\n`)
      process.exit(0)
    },
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
}
