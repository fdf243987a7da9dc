import type { AddressInfo } from 'node:net'
import { serve } from '../api/support'
import type { Plan } from '../../src/domain/plan'
import {
  config,
  decision,
  fakeStore,
  fakeTemporal,
  plan,
  planHash,
  type TemporalScript,
  upgradeRow,
} from '../operations/support'
import { secretOf } from '../support/tokens'
import { answer, startHttpServer } from '../support/http-server'
import { refit } from './support'

const people = [{ name: 'ana', groups: ['ops'] }]

/** A server that listens, and the command line against it; its own store and Temporal are never opened. */
async function remote(
  script: TemporalScript = {},
  scope: Parameters<typeof secretOf>[2] = 'approver',
  of: Plan = plan,
) {
  const { store, votes } = fakeStore({ decisions: [decision()], upgrades: [upgradeRow()], plans: { [planHash]: of } })
  const { temporal, sent } = fakeTemporal(script)
  const { app } = await serve({
    store,
    people,
    hubTemporal: () => Promise.resolve(temporal),
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const token = await secretOf(store, 'ana', scope)
  const env = { REFIT_SERVER: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`, REFIT_TOKEN: token }
  const run = (line: string | string[], said?: string) =>
    refit(line, { env, ...(said === undefined ? {} : { answer: said }) })
  return { run, votes, sent, env, store, temporal }
}

test('approve shows the plan that the server has, asks, and says it there', async () => {
  const { run, votes, sent } = await remote()
  const done = await run('approve ledger', 'y')
  expect(done).toMatchObject({
    code: 0,
    asked: ['Approve plan abcdef123456 on green-hub (test) as ana? [y/N] '],
    opened: [],
  })
  expect(done.out).toContain('hub/ledger: v1.0.0 → v1.0.1')
  expect(done.out).toContain('approve of hub/ledger v1.0.0 → v1.0.1 by ana: approved by ana')
  expect(votes).toMatchObject([{ verb: 'approve', by: 'ana', groups: ['ops'], via: 'token', planHash }])
  expect(sent).toHaveLength(1)
})

test('as JSON, it is what it is without a server', async () => {
  const { run } = await remote()
  expect((await run('withdraw ledger -o json')).json()).toMatchObject({
    ...{ namespace: 'hub', service: 'ledger', vote: 'withdraw', by: 'ana', verified: true },
    ...{ delivered: 'update', webUi: null, equivalent: null },
  })
})

test('a snooze keeps its end', async () => {
  const { run, votes } = await remote()
  expect((await run('snooze ledger --until 2030-01-01T08:00Z')).code).toBe(0)
  expect(votes).toMatchObject([{ until: new Date('2030-01-01T08:00Z') }])
})

test('status is what it is without a server', async () => {
  const { run } = await remote()
  for (const line of ['status', 'status ledger']) {
    const there = await run(line)
    expect(there).toMatchObject({ code: 0, opened: [] })
    expect(there.out).toContain('hub/ledger')
  }
  expect((await run('status --exit-code')).code).toBe(6)
  expect(await run('status lodger')).toMatchObject({
    code: 5,
    err: expect.stringContaining('Did you mean hub/ledger?'),
  })
})

test('logs are what they are without a server', async () => {
  const { run, store } = await remote({}, 'operator')
  const there = await run('logs ledger')
  const here = await refit('logs ledger', { store })
  expect(there).toMatchObject({ code: 0, out: here.out, opened: [] })
  expect((await run('logs nobody')).err).toBe((await refit('logs nobody', { store })).err)
})

test.each<[string, string, TemporalScript, number, string]>([
  [
    'a refusal',
    'approve ledger --yes',
    { answer: { kind: 'refused', message: 'already approved by ben' } },
    3,
    'already approved by ben',
  ],
  ['another plan', `approve ledger --plan ${'0'.repeat(12)}`, {}, 3, `The plan is ${planHash} now`],
  ['a scope that is less', 'abort ledger --yes --reason x', {}, 3, 'This needs scope operator'],
  ['an unknown service', 'approve nobody --yes', {}, 5, 'There is no service nobody.'],
])('%s is the error that it is there, with its exit code', async (_name, line, script, code, said) => {
  const { run } = await remote(script)
  expect(await run(line)).toMatchObject({ code, err: expect.stringContaining(said) })
})

test('without a token nothing is asked', async () => {
  const { env } = await remote()
  const run = await refit('status', { env: { REFIT_SERVER: env.REFIT_SERVER } })
  expect(run).toMatchObject({ code: 3, err: expect.stringContaining('REFIT_TOKEN') })
})

test.each<[string, string]>([
  ['http://refit.example.org', 'must not go to refit.example.org in the clear'],
  ['ftp://127.0.0.1', 'must be an http or https URL'],
  ['https://ana:secret@refit.example.org', 'must be an http or https URL'],
  ['refit.example.org', 'must be an http or https URL'],
])('to %s no token is sent', async (server, said) => {
  const run = await refit(['status', '--server', server], { env: { REFIT_TOKEN: 'rft_x' } })
  expect(run).toMatchObject({ code: 2, err: expect.stringContaining(said) })
  expect(run.err).not.toContain('secret')
})

describe('a server that is no Refit', () => {
  test.each<[string, Parameters<typeof answer>, string]>([
    ['redirects', [302, '', { location: 'http://127.0.0.1:1/' }], 'answers 302, not as a Refit does'],
    ['says something else', [200, '<html>'], 'answers 200, not as a Refit does'],
    ['says something else of an error', [502, '<html>'], 'answers 502, not as a Refit does'],
    ['makes up a code', [400, '{"code":"NO_SUCH","detail":"x"}'], 'answers 400, not as a Refit does'],
  ])('%s', async (_name, given, said) => {
    const server = await startHttpServer()
    try {
      server.answerWith(answer(...given))
      const run = await refit(['status', '--server', server.url], { env: { REFIT_TOKEN: 'rft_x' } })
      expect(run).toMatchObject({ code: 1, err: expect.stringContaining(said) })
      expect(run.err).not.toContain('rft_x')
    } finally {
      await server.close()
    }
  })

  test('is not there', async () => {
    const run = await refit('status --server http://127.0.0.1:1', { env: { REFIT_TOKEN: 'rft_x' } })
    expect(run).toMatchObject({ code: 1, err: expect.stringMatching(/can't be reached/) })
  })
})

describe('what is refused there is refused here, in the same words and with the same exit code', () => {
  const of: Plan = {
    ...plan,
    policy: {
      ...plan.policy,
      emergency: 'emergency',
      approval: { ...plan.policy.approval, changeReference: { required: false, pattern: 'CHG-[0-9]+' } },
    },
  }
  test.each<[string, number, string]>([
    ['approve ledger --yes --now', 2, '--now needs a reason'],
    ['approve ledger --yes --now --reason x', 3, '--now is for members of emergency; ana is in ops'],
    ['approve ledger --yes --change x', 3, 'the change reference x does not match CHG-[0-9]+'],
    ['request ledger --yes --change x', 3, 'the change reference x does not match CHG-[0-9]+'],
    [`reject ledger --reason x --plan ${'0'.repeat(12)}`, 3, `The plan is ${planHash} now`],
    [`reject ledger --reason ${'x'.repeat(1_001)}`, 2, 'at most 1000 characters'],
    ['abort ledger --yes --reason x', 3, 'This needs scope operator'],
    ['reject ledger --yes --reason x', 3, 'the upgrade says no'],
  ])('%s', async (line, code, said) => {
    const script: TemporalScript = { answer: { kind: 'refused', message: 'the upgrade says no' } }
    const { run, env, store, temporal } = await remote(script, 'approver', of)
    const there = await run(line)
    const local = { store, temporal, config: { ...config, people } }
    const here = await refit(line, { ...local, env: { REFIT_TOKEN: env.REFIT_TOKEN } })
    expect(there).toMatchObject({ code, err: expect.stringContaining(said) })
    expect([here.code, here.err]).toEqual([there.code, there.err])
  })
})
