import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import getPort from 'get-port'
import { Refit, runCommand, sources } from '../../demo/refit'
import type { RegistryProxy } from '../support/registry-proxy'
import { openScanHub, scanConfig, type ScanHub } from '../support/scan-hub'
import { until } from '../support/simulated-hub'

let hub: ScanHub
let host: RegistryProxy
let folder: string
beforeAll(async () => {
  hub = await openScanHub(scanConfig(`  - { name: unused, select: { namespaces: [nobody], images: ['*'] } }`), {
    // Who sets Refit up has rights of their own.
    allRights: true,
  })
  host = hub.hosts[0] as RegistryProxy
  folder = join(hub.stack.stateDir, 'first-steps')
  mkdirSync(folder)
  for (const tag of ['v1.0.0', 'v1.0.1', 'v1.1.0', 'v1.1.0-snapshot.1']) await hub.push('ledger', tag)
  const moving = await hub.push('proxy', 'latest')
  await hub.deployOn(host, [
    { namespace: 'shop', name: 'ledger' },
    { namespace: 'shop', name: 'proxy', image: `hub/proxy:latest@${moving}` },
  ])
})
afterAll(() => hub?.close())

const bare = (): NodeJS.ProcessEnv => ({ PATH: hub.env.PATH, HOME: hub.env.HOME })
/** In a folder of its own, where nothing is configured unless this wrote it. */
const refit = (args: string[], env = bare()) => runCommand(process.execPath, [...sources, ...args], env, folder)
const json = async (args: string[]): Promise<Record<string, unknown>> => {
  const { code, stdout } = await refit([...args, '-o', 'json'])
  return { code, ...(JSON.parse(stdout) as Record<string, unknown>) }
}

describe('a policy is tried before anything is configured', () => {
  test('on a saved list', async () => {
    writeFileSync(join(folder, 'tags.txt'), 'v1.0.0\nv1.0.1\nv1.1.0\nmain\n')
    const tried = await json(['policy', 'try', '--current', 'v1.0.0', '--tags', 'tags.txt'])
    expect(tried).toMatchObject({ code: 0, image: null, strategy: 'bugfix', chosen: 'v1.0.1' })
    expect(tried.tags).toContainEqual({ tag: 'v1.1.0', verdict: 'outside-strategy', reason: expect.any(String) })
  })

  test('on the live list', async () => {
    const image = `${host.host}/hub/ledger`
    const live = ['policy', 'try', '--image', image, '--current', 'v1.0.0', '--strategy']
    expect(await json([...live, 'minor'])).toMatchObject({ code: 0, image, chosen: 'v1.1.0' })
    const range = await refit([...live, '{ range: "~1.0" }'])
    expect(range).toMatchObject({ code: 0, output: expect.stringContaining('from v1.0.0: v1.0.1') as string })
    const unknown = ['policy', 'try', '--image', `${host.host}/hub/nobody`, '--current', 'v1.0.0']
    expect(await json(unknown)).toMatchObject({ code: 5, error: { code: 'REGISTRY_NOT_FOUND' } })
  })

  test('with a refit.yaml that is wrong it is said', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'hub: 7\n')
    const args = [
      '--config',
      'wrong.yaml',
      'policy',
      'try',
      '--image',
      `${host.host}/hub/ledger`,
      '--current',
      'v1.0.0',
    ]
    expect(await json(args)).toMatchObject({ code: 2, error: { code: 'CONFIG_INVALID' } })
  })
})

test('init, doctor and scan, one after the other, are enough to see what can be upgraded', async () => {
  const fresh = join(folder, 'fresh')
  mkdirSync(fresh)
  await hub.stack.postgres.createDatabase('fresh')
  const databaseUrl = hub.stack.postgres.url('fresh')
  const env = { ...hub.env, DATABASE_URL: databaseUrl, TEMPORAL_NAMESPACE: 'fresh' }
  await hub.temporal('operator', 'namespace', 'create', '--namespace', 'fresh')
  const run = (...args: string[]) => runCommand(process.execPath, [...sources, ...args], env, fresh)
  await until(async () => (await run('doctor')).output.includes('reachable, namespace fresh'))

  expect(await run('init', '--namespace', 'shop', '--hub', 'fresh-hub')).toMatchObject({
    code: 0,
    output: expect.stringContaining('next: refit doctor') as string,
  })
  const doctor = await run('doctor')
  expect(doctor).toMatchObject({ code: 0, output: expect.stringMatching(/warn +worker +none has run yet/) as string })
  const scan = await run('scan')
  expect(scan.output).toContain('no worker has run yet: one runs beside this scan')
  expect(scan.output).toMatch(/shop\/ledger +v1\.0\.0 +candidate: can be upgraded +v1\.0\.1 +shop \(watch\)/)
  expect(scan.output).toMatch(/shop\/proxy +latest +up-to-date/)
  expect(scan.code).toBe(0)
  expect((await run('status')).output).toContain('next: refit plan shop/ledger')
  expect(await hub.writes('shop')).toEqual([])
})

test('init writes a refit.yaml that is right, and with which the first scan decides right', async () => {
  const init = ['init', '--kubeconfig', hub.stack.kubernetes.kubeconfig, '--namespace', 'shop', '--hub', 'shop-hub']
  const shown = await refit([...init, '--stdout'])
  expect(shown.code).toBe(0)
  const written = await json(init)
  expect(written).toMatchObject({ code: 0, file: 'refit.yaml', namespaces: ['shop'] })
  const file = join(folder, 'refit.yaml')
  expect(readFileSync(file, 'utf8').trim()).toBe(shown.output)
  expect(await refit(['config', 'check'])).toMatchObject({
    code: 0,
    output: expect.stringMatching(
      /^refit.yaml is fine: hub shop-hub \(test\), policies shop-by-digest \(watch\), shop \(watch\)\n.*restart it/,
    ) as string,
  })

  writeFileSync(file, `${shown.output}\n# by hand\n`)
  expect(await refit(init)).toMatchObject({ code: 2, output: expect.stringContaining('--force') as string })
  expect(readFileSync(file, 'utf8')).toContain('# by hand')

  const logFile = join(folder, 'worker.log')
  const healthAddress = `127.0.0.1:${await getPort()}`
  const worker = new Refit({ configFile: file, env: hub.env, logFile, healthAddress, program: sources })
  try {
    await worker.startWorker()
    const { complete, decisions } = await hub.scan()
    expect(complete).toBe(true)
    expect(decisions).toMatchObject([
      { service: 'ledger', kind: 'candidate', candidate: { tag: 'v1.0.1' }, policy: 'shop', mode: 'watch' },
      { service: 'proxy', kind: 'up-to-date', current: 'latest', policy: 'shop-by-digest', mode: 'watch' },
    ])
    const why = await refit(['explain', 'ledger'], hub.env)
    expect(why.output).toContain('policy: shop (no. 2 in refit.yaml), watch: bugfix')
    expect(why.output).toMatch(/v1\.1\.0-snapshot\.1 +pre-release /)
    expect(why.output).toMatch(/v1\.1\.0 +outside-strategy /)
    expect((await refit(['explain', 'ledger', '--tag', 'v9'], hub.env)).code).toBe(5)

    const digest = await hub.push('proxy', 'latest', 'another image')
    await hub.scan()
    expect(await hub.decision('shop', 'proxy')).toMatchObject({
      kind: 'candidate',
      candidate: { tag: 'latest', digest },
    })
    expect(await hub.writes('shop')).toEqual([])
  } finally {
    await worker.stopWorker()
  }
})
