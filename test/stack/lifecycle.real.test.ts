import { existsSync, readFileSync } from 'node:fs'
import { Client } from 'pg'
import { attach, down, status, up, type Stack } from '../../stack'
import { KubeApi, request } from '../../stack/http'
import { stackDirectory } from '../../stack/paths'
import { findMarked } from '../../stack/process'
import { readState } from '../../stack/state'

/** The whole stack with simulated nodes, from nothing to nothing. */
jest.setTimeout(25 * 60_000)

const name = `lifecycle-${Math.random().toString(36).slice(2, 8)}`
const stateDir = stackDirectory(name)
const lines: string[] = []
const progress = (line: string) => void lines.push(line)
let stack: Stack

beforeAll(async () => {
  process.env.KUBECONFIG = '/nowhere/kubeconfig'
  process.env.DATABASE_URL = 'postgres://nobody@127.0.0.1:1/nowhere'
  stack = await up({ name, node: 'simulated', progress })
})

afterAll(async () => {
  await down(name, { purge: true, progress })
})

const query = async (text: string) => {
  const client = new Client({ connectionString: stack.postgres.url('hub') })
  await client.connect()
  return client.query(text).finally(() => client.end())
}

test('every part is healthy', async () => {
  const parts = await status(name)
  expect(parts.map(({ part, state }) => `${part} ${state}`)).toEqual(parts.map(({ part }) => `${part} running`))
  expect(parts).toHaveLength(8)
})

test('the Web UI, the registry and the API server answer', async () => {
  expect((await request(stack.temporal.webUi)).status).toBe(200)
  expect((await request(`http://${stack.registry.host}/v2/`)).status).toBe(200)
  const nodes = await new KubeApi(stack.kubernetes.server, `${stateDir}/pki`).get<{ items: unknown[] }>('/api/v1/nodes')
  expect(nodes.items).toHaveLength(2)
})

test('a database is created once and keeps its rows over a crash', async () => {
  await Promise.all([stack.postgres.createDatabase('hub'), stack.postgres.createDatabase('hub')])
  await query('CREATE TABLE transfer (id int); INSERT INTO transfer VALUES (7)')
  await stack.stop('postgres')
  await expect(query('SELECT 1')).rejects.toThrow()
  await stack.start('postgres')
  expect((await query('SELECT id FROM transfer')).rows).toEqual([{ id: 7 }])
})

test('a deployment becomes ready or fails as its tag says, and a job completes', async () => {
  const api = new KubeApi(stack.kubernetes.server, `${stateDir}/pki`)
  const labels = { app: 'x' }
  const pod = (image: string) => ({ metadata: { labels }, spec: { containers: [{ name: 'main', image }] } })
  const expected = {
    'v1.0.0': 'True',
    'v1.0.1-never-ready': 'False',
    'v1.0.2-crash-loop': 'False',
    'v1.0.3-missing-image': 'False',
  }
  for (const tag of Object.keys(expected)) {
    const app = tag.replaceAll('.', '-')
    const object = { apiVersion: 'v1', kind: 'Pod', ...pod(`127.0.0.1:5000/hub/app:${tag}`) }
    await api.apply(`/api/v1/namespaces/default/pods/${app}`, { ...object, metadata: { name: app } })
  }
  const template = pod('127.0.0.1:5000/hub/app:v1.0.0')
  await api.apply('/apis/batch/v1/namespaces/default/jobs/migrate', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate' },
    spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
  })
  const readiness = async (tag: string) => {
    const path = `/api/v1/namespaces/default/pods/${tag.replaceAll('.', '-')}`
    const found = await api.get<{ status: { conditions?: { type: string; status: string }[] } }>(path)
    return found.status.conditions?.find(({ type }) => type === 'Ready')?.status
  }
  const completed = async () => {
    const job = await api.get<{ status: { succeeded?: number } }>('/apis/batch/v1/namespaces/default/jobs/migrate')
    return job.status.succeeded
  }
  await eventually(async () => {
    const seen = await Promise.all(Object.keys(expected).map(async (tag) => [tag, await readiness(tag)]))
    expect(Object.fromEntries(seen)).toEqual(expected)
    expect(await completed()).toBe(1)
  })
})

test('the audit log tells who did what, without the chatter of the cluster', () => {
  const users = readFileSync(stack.kubernetes.auditLog, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (line ? (JSON.parse(line) as { user: { username: string } }).user.username : ''))
  expect(users.filter((user) => user.startsWith('system:kube-') || user === 'kwok')).toEqual([])
})

test('a second up finds everything alive and starts nothing', async () => {
  const before = readState(stateDir)?.processes
  await up({ name, node: 'simulated', progress })
  expect(readState(stateDir)?.processes).toEqual(before)
})

test('up starts a part again that died, and only that', async () => {
  const before = readState(stateDir)?.processes
  process.kill(before?.temporal?.pid as number, 'SIGKILL')
  await eventually(async () => {
    expect((await status(name)).find(({ part }) => part === 'temporal')?.state).toBe('stopped')
  })
  await up({ name, node: 'simulated', progress })
  const { temporal, ...others } = readState(stateDir)?.processes ?? {}
  expect(temporal?.pid).not.toBe(before?.temporal?.pid)
  expect({ temporal: before?.temporal, ...others }).toEqual(before)
  expect(lines.some((line) => line.includes('temporal had died'))).toBe(true)
})

test('another process attaches by name', async () => {
  expect((await attach(name)).temporal).toEqual(stack.temporal)
})

test('down leaves no process and no file', async () => {
  await down(name, { purge: true, progress })
  expect(findMarked(stateDir)).toEqual([])
  expect(existsSync(stateDir)).toBe(false)
})

async function eventually(assertion: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    try {
      return await assertion()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}
