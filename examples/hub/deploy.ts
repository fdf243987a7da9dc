import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { manifests, type HubOptions } from './manifests'

export interface DeployOptions extends HubOptions {
  /** path of the kubectl program */
  kubectl: string
  kubeconfig: string
  /** how long to wait for every Deployment to be available; 0 doesn't wait */
  waitSeconds?: number
}

export interface DeployedHub {
  /** NodePorts on 127.0.0.1 */
  ports: { ledger: number; quoting: number; settlement: number }
}

/** Applies the hub's manifests, waits for its pods, and tells where it answers. */
export async function deployHub(options: DeployOptions): Promise<DeployedHub> {
  const kubectl = (args: string[], input?: string) => runKubectl(options, args, input)
  const list = { apiVersion: 'v1', kind: 'List', items: manifests(options) }
  await kubectl(['apply', '-f', '-'], JSON.stringify(list))

  const waitSeconds = options.waitSeconds ?? 120
  if (waitSeconds > 0) {
    const available = ['wait', 'deployment', '--all', '--for=condition=Available', `--timeout=${waitSeconds}s`]
    await kubectl(['--namespace', options.namespace, ...available])
  }
  const services = JSON.parse(await kubectl(['--namespace', options.namespace, 'get', 'services', '-o', 'json'])) as {
    items: { metadata: { name: string }; spec: { ports: { nodePort: number }[] } }[]
  }
  const port = (name: string) => {
    const nodePort = services.items.find(({ metadata }) => metadata.name === name)?.spec.ports[0]?.nodePort
    if (!nodePort) throw new Error(`Service object ${options.namespace}/${name} has no NodePort`)
    return nodePort
  }
  return { ports: { ledger: port('ledger'), quoting: port('quoting'), settlement: port('settlement') } }
}

/** Runs kubectl and returns what it printed; throws with its error text. */
export async function runKubectl(
  at: { kubectl: string; kubeconfig: string },
  args: string[],
  input = '',
): Promise<string> {
  const child = spawn(at.kubectl, ['--kubeconfig', at.kubeconfig, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  child.stdin.end(input)
  const [code, output, error] = await Promise.all([exit, text(child.stdout), text(child.stderr)])
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${error.trim() || `exit ${code}`}`)
  return output
}
