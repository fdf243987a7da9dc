import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { attach, down, network, realNode, status, up, type Stack } from '../../stack'
import { KubeApi, request } from '../../stack/http'
import { isLinuxRoot, stackDirectory } from '../../stack/paths'
import { findMarked } from '../../stack/process'
import { run } from '../../stack/run'

/** The whole stack with a real node: pods that answer, and a machine that is afterwards as it was before. */
jest.setTimeout(25 * 60_000)

const name = `node-${Math.random().toString(36).slice(2, 8)}`
const stateDir = stackDirectory(name)
const progress = () => undefined
const owner = 'test/stack/real-node.node.test.ts'
const onlyWithNode = isLinuxRoot() ? describe : describe.skip

onlyWithNode('a real node', () => {
  let stack: Stack
  let before: Machine

  beforeAll(async () => {
    // Asking iptables for its rules makes its empty tables, which stay.
    await machine()
    before = await machine()
    stack = await up({ name, node: 'real', owner, progress })
  })

  afterAll(async () => {
    await down(name, { purge: true, progress })
  })

  test('every part is healthy', async () => {
    const parts = await status(name)
    expect(parts.map(({ part, state }) => `${part} ${state}`)).toEqual(parts.map(({ part }) => `${part} running`))
    expect(parts).toHaveLength(11)
  })

  test('a second stack is told who has the node', async () => {
    const attempt = up({ name: `${name}-2`, node: 'real', progress })
    await expect(attempt).rejects.toThrow(`belongs to the stack "${name}" (${owner}`)
    await expect(up({ name: `${name}-2`, node: 'real', progress })).rejects.toThrow('--simulated')
  })

  test('an image under any name comes from the loopback registry and its pods answer on a NodePort', async () => {
    await pushWeb(stack)
    const api = new KubeApi(stack.kubernetes.server, `${stateDir}/pki`)
    const image = 'registry.example.org/hub/web:v1.0.0'
    await api.apply('/apis/apps/v1/namespaces/default/deployments/web', deployment(image))
    await api.apply('/api/v1/namespaces/default/services/web', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 8080, nodePort: 30_080 }] },
    })
    await eventually(async () => expect(await get('/')).toBe('200 ok'))
    const pods = await api.get<{ items: { spec: { nodeName: string } }[] }>('/api/v1/namespaces/default/pods')
    expect(new Set(pods.items.map((pod) => pod.spec.nodeName))).toEqual(new Set([realNode]))
  })

  test('a pod reaches PostgreSQL, the API server and other pods, and nothing outside', async () => {
    const database = new URL(stack.postgres.podUrl('postgres')).host
    const api = new KubeApi(stack.kubernetes.server, `${stateDir}/pki`)
    const service = await api.get<{ spec: { clusterIP: string } }>('/api/v1/namespaces/default/services/web')
    for (const to of [database, `${network.apiService}:443`, `${service.spec.clusterIP}:8080`]) {
      expect(await get(`/dial?to=${to}`)).toBe('200 connected')
    }
    // A documentation address: nobody is there, and the packet doesn't leave the bridge.
    expect(await get('/dial?to=198.51.100.1:80')).toMatch(/^502/)
  })

  test('a pod outlives the crash of containerd and kubelet', async () => {
    await stack.stop('kubelet')
    await stack.stop('containerd')
    expect(await get('/')).toBe('200 ok')
    await stack.start('kubelet')
    expect((await status(name)).every(({ state }) => state === 'running')).toBe(true)
    expect(await get('/')).toBe('200 ok')
  })

  test('down and up again keep the cluster', async () => {
    await down(name, { progress })
    expect(await machine()).toEqual(before)
    stack = await up({ name, node: 'real', owner, progress })
    await eventually(async () => expect(await get('/')).toBe('200 ok'))
  })

  test('after down the machine is as it was', async () => {
    await down(name, { purge: true, progress })
    expect(await machine()).toEqual(before)
    expect(findMarked(stateDir)).toEqual([])
    await expect(attach(name)).rejects.toThrow('No stack')
  })

  test.each([300, 1500, 4000])('so it is when the launcher is killed after %d ms', async (delay) => {
    const script = join(__dirname, '../../stack/cli.ts')
    const launcher = spawn(process.execPath, ['--import', 'tsx', script, 'up', name, '--real'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await new Promise((resolve) => launcher.stderr.once('data', resolve))
    await sleep(delay)
    launcher.kill('SIGKILL')
    await down(name, { purge: true, progress })
    expect(await machine()).toEqual(before)
    expect(findMarked(stateDir)).toEqual([])
  })
})

type Machine = Record<string, string[]>

/** Everything that a node could leave behind. */
async function machine(): Promise<Machine> {
  const lines = async (file: string, ...args: string[]) => {
    const { stdout } = await run(file, args, { allowFailure: true })
    return stdout
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.replace(/ \[\d+:\d+\]$/, ''))
  }
  const settings = await lines('sysctl', '-a')
  const relevant = /^(net\.ipv4\.(ip_forward|conf)|net\.bridge|vm\.(overcommit_memory|panic)|kernel\.(panic|keys))/
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  return {
    addresses: (await lines('ip', '-oneline', 'address')).map((line) => line.replace(/valid_lft.*/, '').trim()),
    routes: await lines('ip', 'route'),
    namespaces: await lines('ip', 'netns'),
    mounts: mounts.filter((line) => line.includes(stateDir) || line.includes('netns')),
    sysctls: settings.filter((line) => relevant.test(line)),
    iptables: await lines('iptables-save'),
    ip6tables: await lines('ip6tables-save'),
    folders: await lines('ls', '-d', '/var/lib/kubelet', '/run/containerd', '/run/netns', '/run/lock/refit-node.lock'),
  }
}

async function pushWeb(stack: Stack): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'refit-web-'))
  const image = `${stack.registry.host}/hub/web:v1.0.0`
  const layer = join(folder, 'layer.tar')
  await run('go', ['build', '-o', join(folder, 'web'), '.'], { cwd: join(__dirname, 'web'), env: { CGO_ENABLED: '0' } })
  await run('tar', ['-C', folder, '-cf', layer, 'web'])
  await run(stack.bin.crane, ['append', '--insecure', '--oci-empty-base', '-f', layer, '-t', image])
  await run(stack.bin.crane, ['mutate', '--insecure', image, '--entrypoint', '/web', '-t', image])
  rmSync(folder, { recursive: true })
}

function deployment(image: string): object {
  const labels = { app: 'web' }
  const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 }
  const spec = { containers: [{ name: 'web', image, readinessProbe }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
}

async function get(path: string): Promise<string> {
  const { status: code, body } = await request(`http://127.0.0.1:30080${path}`)
  return `${code} ${body.trim()}`
}

async function eventually(assertion: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
    try {
      return await assertion()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}
