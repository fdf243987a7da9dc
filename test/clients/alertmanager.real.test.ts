import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import getPort from 'get-port'
import { alertmanagerNotifier } from '../../src/clients/alertmanager'
import { flowsAlert, stuckAlert, upgradeAlert, type UpgradeNews } from '../../src/domain/alerts'
import { orphanAlert } from '../../src/domain/orphan-alert'
import { resolvedAlert } from '../../src/domain/alerts'
import { buildBinaries } from '../../stack'
import { planOf } from '../domain/fixtures'
import { alertAt, failure, hub } from './alert-targets'

let alertmanager: ChildProcess
let folder: string
let url: string
beforeAll(async () => {
  const { alertmanager: program = '' } = await buildBinaries(['alertmanager'], () => undefined)
  folder = await mkdtemp(join(tmpdir(), 'refit-alertmanager-'))
  await writeFile(join(folder, 'a.yml'), 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n')
  const address = `127.0.0.1:${await getPort()}`
  url = `http://${address}`
  const flags = [
    '--config.file=a.yml',
    '--storage.path=data',
    '--cluster.listen-address=',
    `--web.listen-address=${address}`,
  ]
  alertmanager = spawn(program, flags, { cwd: folder, stdio: 'ignore' })
  await until(() => fetch(`${url}/-/ready`).then(({ ok }) => ok))
})
afterAll(async () => {
  alertmanager?.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 100))
}

interface Firing {
  labels: Record<string, string>
  annotations: Record<string, string>
}
/** What fires of a thread, as `alertname severity`. */
const firing = async (thread: string): Promise<string[]> => {
  const alerts = (await (await fetch(`${url}/api/v2/alerts?active=true`)).json()) as Firing[]
  return alerts
    .filter(({ labels }) => labels.thread === thread)
    .map(({ labels }) => `${labels.alertname} ${labels.severity}`)
}
const target = () =>
  alertmanagerNotifier({
    name: 'alertmanager#1',
    levels: ['info', 'action', 'page'],
    url,
    environment: hub.environment,
    allowPrivate: true,
  })
const send = (alert: Parameters<ReturnType<typeof target>['send']>[0]) =>
  target().send(alert, { id: alert.key, at: new Date() })

const plan = planOf()
const news = (upgradeId: string, more: Partial<UpgradeNews>) =>
  upgradeAlert({
    ...{ hub, temporalNamespace: 'default', plan, planHash: 'abcdef123456', upgradeId },
    ...{ key: 'k', phase: 'approval', kind: 'entered', message: 'waits' },
    ...more,
  })!

it('takes our alerts: a question fires, is settled by what comes next; what is held fires until it is resolved', async () => {
  const id = 'abcdef123456-1'
  await send(news(id, {}))
  await until(async () => (await firing(id)).join() === 'RefitUpgrade action')
  await send(news(id, { phase: 'rollout', message: 'ledger' }))
  await until(async () => (await firing(id)).join() === 'RefitUpgrade info')
  await send(news(id, { phase: 'rollback', kind: 'ended', outcome: 'held', message: 'its undo failed' }))
  await until(async () => (await firing(id)).join() === 'RefitUpgrade page')
  await send(resolvedAlert({ hub, plan, upgradeId: id, by: 'ana', reason: 'by hand' }))
  await until(async () => (await firing(id)).join() === 'RefitUpgrade info')
})

it('an upgrade that lost its workflow, and a stuck target, end as well', async () => {
  const id = 'abcdef123456-2'
  const { namespace, name: service } = plan.service
  await send(orphanAlert(hub, { id, namespace, service, fromTag: 'v1', toTag: 'v2', phase: 'rollout' }))
  await until(async () => (await firing(id)).join() === 'RefitUpgrade page')
  await send(resolvedAlert({ hub, plan, upgradeId: id, by: 'ana', reason: 'by hand' }))
  await until(async () => (await firing(id)).join() === 'RefitUpgrade info')

  await send(stuckAlert({ hub, target: 'slack#1', waiting: 3, oldest: new Date(), lastError: '' }))
  await until(async () => (await firing('outbox/slack#1')).join() === 'RefitOutbox page')
  await send(flowsAlert({ hub, target: 'slack#1' }))
  await until(async () => (await firing('outbox/slack#1')).join() === 'RefitOutbox info')
})

it('takes what other systems may make of facts and texts', async () => {
  await send(
    alertAt({
      thread: 'ünïcode "\\\n',
      title: '',
      text: '`<b>`\u0000😀'.repeat(2_000),
      facts: { 'not-a-label': 'x', namespace: '', service: 'sérvice\n', reason: 'x'.repeat(100_000) },
    }),
  )
})

it('a refusal says what Alertmanager says', async () => {
  const away = alertmanagerNotifier({
    ...{ name: 'alertmanager#1', levels: ['action'], url: `${url}/nowhere`, environment: 'e', allowPrivate: true },
  })
  const error = await failure(away.send(alertAt(), { id: 'x', at: new Date() }))
  expect(error).toMatchObject({ code: 'ALERT_REFUSED', retryable: false })
})
