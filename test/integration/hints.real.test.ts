import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import getPort from 'get-port'
import { sources } from '../../demo/refit'
import { openScanHub, scanConfig, type ScanHub } from '../support/scan-hub'
import { until } from '../support/simulated-hub'
import { pushed } from '../api/webhook-events'

const secret = 'a-secret-of-the-tests'
let hub: ScanHub
let server: ChildProcess
let base: string
beforeAll(async () => {
  const config = scanConfig(
    `  - { name: watched, select: { namespaces: [pushes, quiet], images: ['*/hub/*'] }, strategy: minor }`,
    'webhooks: [{ kind: distribution, secret: "${HOOK_SECRET}" }]',
  )
  hub = await openScanHub(config, { env: { HOOK_SECRET: secret } })
  await hub.startWorker()
  const address = `127.0.0.1:${await getPort()}`
  base = `http://${address}`
  const command = [...sources, '--config', hub.configFile, 'server', '--listen', address]
  server = spawn(process.execPath, command, { env: hub.env, stdio: 'ignore' })
  await until(() =>
    fetch(`${base}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
})
afterAll(async () => {
  if (server?.exitCode === null) {
    const closed = once(server, 'close')
    server.kill('SIGTERM')
    await closed
  }
  await hub?.close()
})

/** As the registry sends it. */
async function tells(name: string, tag: string, authorization = `Bearer ${secret}`): Promise<Response> {
  const [event] = pushed.distribution.events
  const events = [{ ...event, target: { ...event?.target, repository: `hub/${name}`, tag } }]
  return fetch(`${base}${await webhookPath()}`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.docker.distribution.events.v1+json', authorization },
    body: JSON.stringify({ events }),
  })
}
let path: string | undefined
const webhookPath = async (): Promise<string> =>
  (path ??= (JSON.parse((await hub.refit('webhooks', '-o', 'json')).stdout) as [{ path: string }])[0].path)

test('a push that the registry tells of is decided on without a whole scan', async () => {
  for (const name of ['pushes', 'quiet']) {
    await hub.push(name, 'v1.0.0')
    await hub.deployOn(hub.hosts[0] as ScanHub['hosts'][0], [{ namespace: name, name }])
  }
  await hub.scan()
  const scanned = await hub.store.scans.last()
  expect(await hub.decision('pushes', 'pushes')).toMatchObject({ kind: 'up-to-date' })

  const digest = await hub.push('pushes', 'v1.1.0')
  await hub.push('quiet', 'v1.1.0')
  const [asked] = await hub.asking(async () => {
    const answer = await tells('pushes', 'v1.1.0')
    expect({ status: answer.status, body: await answer.json() }).toEqual({ status: 202, body: { recognised: 1 } })
    await until(async () => (await hub.decision('pushes', 'pushes')).kind === 'candidate')
  })
  expect(await hub.decision('pushes', 'pushes')).toMatchObject({ candidate: { tag: 'v1.1.0', digest } })
  // Nothing but the hinted repository is asked, and no whole scan is claimed.
  expect(asked?.filter((each) => !each.includes('/hub/pushes/'))).toEqual([])
  expect((await hub.decision('quiet', 'quiet')).kind).toBe('up-to-date')
  expect(await hub.store.scans.last()).toEqual(scanned)
})

test('what is not proven, or not known, is not scanned', async () => {
  const [asked] = await hub.asking(async () => {
    expect((await tells('pushes', 'v1.1.0', 'Bearer wrong')).status).toBe(403)
    const unknown = await tells('stranger', 'v1.0.0')
    expect({ status: unknown.status, body: await unknown.json() }).toEqual({ status: 202, body: { recognised: 0 } })
  })
  expect(asked).toEqual([])
})

test("image-watcher's clients are answered from what scans stored", async () => {
  const get = async (route: string) => {
    const answer = await fetch(`${base}${route}`)
    return { status: answer.status, body: await answer.json() }
  }
  const [asked] = await hub.asking(async () => {
    const latest = { tag: 'v1.1.0', fullImage: 'hub/pushes:v1.1.0' }
    for (const prefix of ['/images', '/image'])
      expect(await get(`${prefix}/hub/pushes/v1.0.0?strategy=minor`)).toEqual({ status: 200, body: latest })
    expect(await get('/images/hub/pushes/v1.0.0?strategy=bugfix')).toMatchObject({ body: { tag: 'v1.0.0' } })
    expect(await get('/images/hub/stranger/v1.0.0?strategy=minor')).toMatchObject({ status: 404 })
  })
  expect(asked).toEqual([])
})
