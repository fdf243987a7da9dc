import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import getPort from 'get-port'
import { webhookPath } from '../../src/operations/webhook-key'
import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { type BareRepository, bareRepository } from '../support/bare-repository'
import { type GitHttp, startGitHttp } from '../support/git-http'
import { startHttpServer, type TestServer } from '../support/http-server'
import { openHistories } from '../support/open-histories'
import { found, rowsOf, runOn } from '../support/planted'
import { configOf, planted, policiesOf, secret } from '../support/planted-config'
import { registryProxy, type RegistryProxy } from '../support/registry-proxy'
import { deployment, openSimulatedHub, type SimulatedHub, until } from '../support/simulated-hub'
import { RefitServer } from '../web/refit-server'

let hub: SimulatedHub
let registry: RegistryProxy
let receiver: TestServer
let bare: BareRepository
let git: GitHttp
let folder: string
let migrations: string
let server: RefitServer
/** what commands and the server answered */
const answers: Record<string, string> = {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'refit-planted-'))
  migrations = join(folder, 'ledger')
  await mkdir(join(migrations, 'expand'), { recursive: true })
  await writeFile(join(migrations, 'expand/001_note.sql'), 'alter table transfer add column if not exists note text;\n')
  bare = await bareRepository({ 'README.md': 'what runs\n' })
  git = await startGitHttp(bare.path, `robot:${secret('token of Git')}`)
  receiver = await startHttpServer()
  const policies = policiesOf(git.url, migrations)
  hub = await openSimulatedHub(policies)
  const basic = Buffer.from(`robot:${secret('registry password')}`).toString('base64')
  registry = await registryProxy(hub.stack.registry.host, { login: `Basic ${basic}` })
  await hub.stack.postgres.createDatabase('ledger')
  const ledger = new URL(hub.stack.postgres.url('ledger'))
  await hub.query(`create role ledger login superuser password '${secret('database URL of a service')}'`)
  ledger.username = 'ledger'
  ledger.password = secret('database URL of a service')
  const store = new URL(hub.env.DATABASE_URL ?? '')
  store.password = secret('password of the store')
  await hub.query(`alter role refit password '${store.password}'`)
  const kubeconfig = await readFile(hub.env.REFIT_KUBECONFIG ?? '', 'utf8')
  planted['token of the service account'] = /token"?: *"?([\w.-]{20,})/.exec(kubeconfig)?.[1] ?? ''
  Object.assign(hub.env, {
    REGISTRY: registry.host,
    REGISTRY_PASSWORD: secret('registry password'),
    LEDGER_URL: ledger.href,
    SLACK_URL: `${receiver.url}/services/${secret('path of the Slack webhook')}`,
    ALERT_KEY: secret('key of the alert webhook'),
    SMTP_URL: `smtp://robot:${secret('password of the mail server')}@127.0.0.1:9`,
    HEARTBEAT_URL: `${receiver.url}/alive/${secret('heartbeat URL')}`,
    HOOK_SECRET: secret('secret of a registry webhook'),
    OIDC_SECRET: secret('client secret of OIDC'),
    STAGING_TOKEN: secret('token of another hub'),
    GIT_TOKEN: secret('token of Git'),
    REFIT_ENCRYPTION_KEYS: `k1:${secret('encryption key')}`,
    DATABASE_URL: store.href,
    REFIT_LOG_LEVEL: 'debug',
  })
  await runOn(ledger.href, 'create table transfer (id int primary key)')
  await writeFile(hub.configFile, configOf(policies, receiver.url))
  await hub.startWorker()
  server = await RefitServer.started(hub, `http://127.0.0.1:${await getPort()}`)
})

afterAll(async () => {
  await server?.stop('SIGKILL')
  await hub?.close()
  await registry?.close()
  await receiver?.close()
  await git?.close()
  await bare?.remove()
  await rm(folder, { recursive: true, force: true })
})

async function deploy(name: string): Promise<void> {
  await hub.push(name, 'v1.0.0')
  const list = deployment(name, `${registry.host}/hub/${name}:v1.0.0`)
  const container = (list.items[1] as { spec: { template: { spec: { containers: object[] } } } }).spec.template.spec
    .containers[0]
  Object.assign(container ?? {}, { env: [{ name: 'DB_PASSWORD', value: secret('variable of a container') }] })
  await hub.apply(list)
  const data = ['create', 'secret', 'generic', 'db', `--from-literal=password=${secret('Secret of a service')}`]
  await hub.kubectl('-n', name, ...data)
  await hub.kubectl('-n', name, 'rollout', 'status', `deployment/${name}`, '--timeout=60s')
}

const ended = ({ outcome }: UpgradeRow) => outcome !== null

/** As a person does it who has only Temporal's own program, and no key. */
async function approve(name: string): Promise<void> {
  const { planHash } = await hub.upgradeWhere(
    name,
    ({ phase, waitingFor }) => phase === 'approval' && waitingFor !== '',
  )
  const vote = JSON.stringify({ by: 'ops@example.org', planHash })
  const id = upgradeWorkflowId(name, name)
  await hub.temporal('workflow', 'signal', '--workflow-id', id, '--name', 'approve', '--input', vote)
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(`${server.url}${path}`, { redirect: 'manual', ...init })
  answers[`${init.method ?? 'GET'} ${path} ${Object.keys(answers).length}`] = await response.clone().text()
  return response
}

async function say(args: string[], change: NodeJS.ProcessEnv = {}): Promise<void> {
  const before = { ...hub.env }
  Object.assign(hub.env, change)
  const { output } = await hub.refit(...args).finally(() => Object.assign(hub.env, before))
  answers[`refit ${args.join(' ')} ${Object.keys(answers).length}`] = output
}

test('a good upgrade with a migration, a migration that tells secrets, a rollback, a commit, and all that can fail', async () => {
  for (const each of ['good', 'bad', 'sick', 'committed']) await deploy(each)
  await hub.push('good', 'v1.1.0')
  await approve('good')
  expect(await hub.upgradeWhere('good', ended)).toMatchObject({ outcome: 'succeeded' })
  await writeFile(
    join(migrations, 'expand/002_bad.js'),
    `exports.up = () => Promise.reject(new Error('connect postgres://ledger:${secret('error text of a migration')}@db: refused'))
exports.down = () => Promise.resolve()\n`,
  )
  await hub.push('bad', 'v1.1.0')
  await hub.push('sick', 'v1.1.0-never-ready.1')
  await hub.push('committed', 'v1.1.0')
  await approve('bad')
  const bad = await hub.upgradeWhere('bad', ended)
  expect(bad.outcome).not.toBe('succeeded')
  expect(await hub.upgradeWhere('sick', ended)).toMatchObject({ outcome: 'rolled-back' })
  await until(() => Promise.resolve(git.authorizations.some(Boolean)))
  await until(() => Promise.resolve(receiver.received.some(({ path }) => path.startsWith('/services/'))))
}, 180_000)

test('the server and the commands, also where they fail', async () => {
  const made = await hub.refit('token', 'create', 'ana@example.org', '--scope', 'admin', '--yes', '-o', 'json')
  const token = /rft_[\w-]+/.exec(made.output)?.[0] ?? ''
  expect(token).not.toBe('')
  planted['API token'] = token
  const authorization = { authorization: `Bearer ${token}` }
  const id = (await hub.upgradeWhere('bad', ended)).id
  for (const path of [
    'services',
    'settings',
    'registries',
    'alerts',
    'audit',
    'tokens',
    'upgrades',
    `upgrades/${id}`,
    `upgrades/${id}/logs`,
    `upgrades/${id}/report`,
    'services/good/good',
    'me',
    'schedules',
    'promotions?repository=x&digest=y',
  ])
    await ask(`/api/v1/${path}`, { headers: authorization })
  const json = { 'content-type': 'application/json' }
  await ask('/api/v1/me', { headers: { authorization: `Bearer ${secret('wrong API token')}` } })
  const login = await ask('/auth/token', { method: 'POST', headers: json, body: JSON.stringify({ token }) })
  const session = /=([\w-]{20,})/.exec(login.headers.get('set-cookie') ?? '')?.[1]
  if (session) planted['session of a browser'] = session
  await ask('/auth/token', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ token: secret('wrong API token') }),
  })
  await ask('/auth/oidc')
  const path = webhookPath({ kind: 'distribution', secret: secret('secret of a registry webhook') })
  planted['path of a registry webhook'] = path
  await ask(path, { method: 'POST', headers: json, body: '{"events":[]}' })
  await ask(path, {
    method: 'POST',
    headers: { ...json, authorization: `Bearer ${secret('secret of a registry webhook')}` },
    body: '{}',
  })
  for (const each of ['/openapi.json', '/metrics', '/livez', '/readyz']) await ask(each)

  for (const args of [
    'status',
    'doctor',
    'config check',
    `history --upgrade ${id} --logs`,
    `report --upgrade ${id}`,
    'alerts list',
    'alerts test',
    'audit list',
    'plan sick/sick',
    'explain good/good',
  ])
    await say([...args.split(' ')])
  const wrong = new URL(hub.env.DATABASE_URL ?? '')
  wrong.password = secret('wrong password of the store')
  await say(['status'], { DATABASE_URL: wrong.href })
  await say(['status'], { DATABASE_URL: `postgres://refit:${secret('wrong password of the store')}@127.0.0.1:9/refit` })
  await say(['doctor'], { TEMPORAL_ADDRESS: '127.0.0.1:9', REGISTRY_PASSWORD: secret('wrong password of the store') })
  await say(['doctor'], { REFIT_ENCRYPTION_KEYS: secret('encryption key') })
  await say(['status', '--server', server.url, '--token-file', join(folder, 'nothing')])
})

test('nothing that was planted is anywhere but in its place', async () => {
  const alerts = receiver.received.map(({ body, headers }) => `${JSON.stringify(headers)}\n${body}`)
  const logs = join(hub.stack.stateDir, 'logs')
  const stackLogs = (await readdir(logs)).filter((each) => /refit|temporal/.test(each))
  const rows = await rowsOf(hub.stack.postgres.url('refit'))
  const searched: Record<string, string> = {
    ...Object.fromEntries(
      await Promise.all(stackLogs.map(async (each) => [`log ${each}`, await readFile(join(logs, each), 'utf8')])),
    ),
    ...answers,
    ...Object.fromEntries(alerts.map((text, index) => [`alert ${index}`, text])),
    ...Object.fromEntries(Object.entries(rows).map(([table, text]) => [`table ${table}`, text])),
    ...Object.fromEntries(
      Object.entries(await rowsOf(hub.stack.postgres.url('ledger'))).map(([table, text]) => [`ledger ${table}`, text]),
    ),
    ...(await openHistories(hub)),
    'commits of Git': await bare.git('log', '-p', '--all'),
    'events of Kubernetes': await hub.kubectl('get', 'events', '-A', '-o', 'json'),
  }
  const leaks = Object.entries(searched).flatMap(([place, text]) =>
    found(planted, text).map((what) => `${what} in ${place}`),
  )
  console.log(
    `${Object.keys(planted).length} secrets, ${Object.keys(searched).length} places searched, ${Object.values(searched).join('').length} letters, ${leaks.length} found`,
  )
  expect(leaks).toEqual([])
  expect(Object.keys(searched).join()).toContain('history of refit/upgrade/good/good')
  expect(Object.values(searched).filter((text) => text !== '').length).toBeGreaterThan(60)
})

test('the search would find them', () => {
  expect(Object.values(planted).every((value) => value.length >= 12)).toBe(true)
  for (const [place, value] of Object.entries(planted))
    for (const text of [`x${value}y`, Buffer.from(`ab ${value} c`).toString('base64'), encodeURIComponent(value)])
      expect(found({ [place]: value }, text)).toEqual([place])
})
