import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import getPort from 'get-port'
import { sources } from '../../demo/refit'
import { slackValue } from '../../src/domain/slack-actions'
import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeEvent, UpgradeRow } from '../../src/store/contracts'
import { slackForm, signingSecret } from '../api/slack-request'
import { openSimulatedHub, type SimulatedHub, until } from '../support/simulated-hub'

/** Two verified people of tech-ops must say yes; somebody must have requested it in the second policy. */
const config = (alerts: string) => `hub: { name: test-hub, environment: test }
scan: { every: 1s }
registries: [{ host: "\${REGISTRY}", insecure: true }]
people:
  - { name: ana, groups: [tech-ops] }
  - { name: ben, slack: U0BEN, groups: [tech-ops] }
  - { name: cleo, groups: [] }
policies:
  - name: quorum
    select: { namespaces: [quorum], images: ['*/hub/*'] }
    mode: approve
    strategy: minor
    approval: { required: 2, groups: [tech-ops], expires: 1h }
    rollout: { bake: 1s, stall: 4s, deadline: 1m, maxUnavailable: 1 }
  - name: checked
    select: { namespaces: [checked], images: ['*/hub/*'] }
    mode: approve
    strategy: minor
    approval: { makerChecker: true, changeReference: { pattern: 'CHG-[0-9]+' }, expires: 1h }
    rollout: { bake: 1s, stall: 4s, deadline: 1m, maxUnavailable: 1 }
alerts: [${alerts}]
`
let hub: SimulatedHub
let server: ChildProcess
let base: string
const tokens: Record<string, string> = {}

beforeAll(async () => {
  hub = await openSimulatedHub(config(''))
  await hub.startWorker()
  // The worker must not send to Slack, so that only the server knows of its buttons.
  const configFile = join(hub.stack.stateDir, 'server.yaml')
  await writeFile(configFile, config('{ slackBot: { token: "${BOT}", channel: C1, signingSecret: "${SIGNING}" } }'))
  const address = `127.0.0.1:${await getPort()}`
  base = `http://${address}`
  const env = { ...hub.env, BOT: 'xoxb-of-a-test', SIGNING: signingSecret }
  const command = [...sources, '--config', configFile, 'server', '--listen', address]
  server = spawn(process.execPath, command, { env, stdio: 'ignore' })
  await until(() =>
    fetch(`${base}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  for (const name of ['ana', 'ben', 'cleo']) {
    const { stdout } = await hub.refit('token', 'create', name, '--scope', 'approver', '-o', 'json')
    tokens[name] = (JSON.parse(stdout) as { secret: string }).secret
  }
})
afterAll(async () => {
  if (server?.exitCode === null) {
    const closed = once(server, 'close')
    server.kill('SIGTERM')
    await closed
  }
  await hub?.close()
})

const waits = ({ phase, waitingFor, outcome }: UpgradeRow) => phase === 'approval' && waitingFor !== '' && !outcome
const ended = ({ outcome }: UpgradeRow) => outcome !== null

async function say(name: string, verb: string, who: string, body: object) {
  const answer = await fetch(`${base}/api/v1/services/${name}/${name}/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens[who]}` },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}

async function press(user: string, { id, planHash }: UpgradeRow): Promise<number> {
  const body = slackForm({
    payload: {
      ...{ type: 'block_actions', user: { id: user }, team: { id: 'T1' } },
      actions: [{ value: slackValue({ verb: 'approve', upgradeId: id, planHash }), action_ts: '1700000000.0001' }],
    },
  })
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')
  const answer = await fetch(`${base}/slack/actions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
    body,
  })
  return answer.status
}

const signal = (name: string, verb: string, input: object) =>
  hub.temporal(
    ...['workflow', 'signal', '--workflow-id', upgradeWorkflowId(name, name), '--name', verb],
    ...['--input', JSON.stringify(input)],
  )

const eventWhere = (row: UpgradeRow, is: (event: UpgradeEvent) => boolean) =>
  until(async () => (await hub.store.upgrades.events(row.id)).find(is))

test('two verified people of the group start it, one over HTTP and one in Slack; nobody else counts', async () => {
  await hub.deploy('quorum')
  await hub.push('quorum', 'v1.1.0')
  const row = await hub.upgradeWhere('quorum', waits)
  const { planHash } = row

  await signal('quorum', 'approve', { by: 'ana', planHash })
  expect(await eventWhere(row, ({ kind }) => kind === 'refused')).toMatchObject({ by: 'ana', verified: false })
  expect(await say('quorum', 'approve', 'cleo', { planHash })).toMatchObject({
    status: 409,
    body: { code: 'APPROVAL_REFUSED', detail: expect.stringContaining('only members of tech-ops') },
  })

  const ana = await say('quorum', 'approve', 'ana', { planHash, by: 'ben' })
  expect(ana).toMatchObject({ status: 200, body: { by: 'ana', delivered: 'update' } })
  // Her vote sent again, under another name and by whoever can reach Temporal, stays hers and one.
  await signal('quorum', 'approve', { by: 'ben', planHash, vote: ana.body.voteId })
  await signal('quorum', 'approve', { by: 'ben', planHash, vote: 'made-up' })
  await eventWhere(row, ({ kind, message }) => kind === 'refused' && message.includes('forged'))
  expect(await say('quorum', 'approve', 'ana', { planHash })).toMatchObject({
    status: 200,
    body: { voteId: ana.body.voteId },
  })
  expect(await hub.upgradeWhere('quorum', () => true)).toMatchObject({ phase: 'approval', outcome: null })

  expect(await press('U0BEN', row)).toBe(200)
  expect(await hub.upgradeWhere('quorum', ended)).toMatchObject({ outcome: 'succeeded' })
  expect(await eventWhere(row, ({ kind }) => kind === 'approved')).toMatchObject({ by: 'ben', verified: true })
  expect(await hub.query('select by, via, groups from vote where upgrade_id = $1 order by at', [row.id])).toEqual([
    { by: 'cleo', via: 'token', groups: [] },
    { by: 'ana', via: 'token', groups: ['tech-ops'] },
    { by: 'ben', via: 'slack', groups: ['tech-ops'] },
  ])
})

test('one requests with a ticket and another approves, by the command line over HTTP', async () => {
  await hub.deploy('checked')
  await hub.push('checked', 'v1.1.0')
  const { planHash } = await hub.upgradeWhere('checked', waits)
  const refit = (who: string, verb: string, ...more: string[]) => {
    const file = join(hub.stack.stateDir, `${who}.token`)
    return writeFile(file, `${tokens[who]}\n`).then(() =>
      hub.refit(verb, 'checked', '--plan', planHash, '--server', base, '--token-file', file, ...more),
    )
  }
  // Too early: the same answer is judged anew later.
  expect(await refit('ben', 'approve')).toMatchObject({ code: 3, output: expect.stringContaining('refit request') })
  expect(await refit('ana', 'request', '--change', 'JIRA-1')).toMatchObject({ code: 3 })
  expect(await refit('ana', 'request', '--change', 'CHG-12')).toMatchObject({ code: 0 })
  expect(await refit('ana', 'approve')).toMatchObject({ code: 3, output: expect.stringContaining('another person') })
  expect(await refit('ben', 'approve')).toMatchObject({ code: 0 })
  const row = await hub.upgradeWhere('checked', ended)
  expect(row).toMatchObject({ outcome: 'succeeded' })
  const events = await hub.store.upgrades.events(row.id)
  expect(events.filter(({ kind }) => kind === 'requested' || kind === 'approved')).toMatchObject([
    { kind: 'requested', by: 'ana', verified: true },
    { kind: 'approved', by: 'ben', verified: true },
  ])
})
