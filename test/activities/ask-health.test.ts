import { askHealth, endHealth, type HealthMemory, newHealthMemory } from '../../src/activities/ask-health'
import type { HealthCheck } from '../../src/domain/health-check'
import { stepKeys } from '../../src/domain/event'
import { RefitError } from '../../src/domain/errors'
import { observation, planOf, pod, policy } from '../domain/fixtures'
import { answer, startHttpServer, type TestServer } from '../support/http-server'
import { key, run, world, type World } from './support'

const http: HealthCheck = { http: '/health', port: 3001, expect: { status: 'OK', version: '$.v' } }
const job: HealthCheck = { job: { command: ['npm', 'run', 'smoke'], deadlineMs: 60_000 } }
const metric: HealthCheck = {
  prometheus: '${PROM}',
  query: 'errors{pod=~"$pods"}',
  max: 0.1,
  overMs: 3_000,
  samples: 3,
}
const json = (value: unknown, status = 200) => ({ status, body: JSON.stringify(value) })

/** What Prometheus answers to a range query with these values of one series. */
const matrix = (...values: string[]) =>
  answer(
    200,
    JSON.stringify({
      status: 'success',
      data: { resultType: 'matrix', result: [{ metric: {}, values: values.map((value, at) => [at, value]) }] },
    }),
  )

function asker(health: HealthCheck[], more: Partial<World> = {}, environment: Record<string, string> = {}) {
  const fake = world({ plan: planOf({ policy: policy({ health }) }), ...more })
  const deps = { ...fake.deps, environment }
  const question = { plan: fake.plan, upgradeId: key.upgradeId, stage: 'bake' }
  let memory: HealthMemory = newHealthMemory(Date.now())
  return {
    fake,
    remember: (more: Partial<HealthMemory>) => void (memory = { ...memory, ...more }),
    memory: () => memory,
    /** One round; the memory goes through JSON, as in a heartbeat. */
    async ask(looks = [observation()]) {
      const round = await run(() => askHealth(deps, question, looks, memory))
      memory = JSON.parse(JSON.stringify(round.memory)) as HealthMemory
      return { ...round, memory: undefined }
    },
    end: () => endHealth(deps, question, memory),
  }
}

let server: TestServer
beforeAll(async () => void (server = await startHttpServer()))
afterAll(() => server.close())
beforeEach(() => {
  server.received.length = 0
  server.answerByDefault(answer(200, 'ok'))
})

test('without health checks there is nothing to say', async () => {
  await expect(asker([]).ask()).resolves.toEqual({})
})

describe('whose fault it is', () => {
  const looks = [observation({ pods: [pod({ name: 'new' }), pod({ name: 'old', isNew: false })] })]
  const answers = (old: unknown) => (name: string) => json(name === 'old' ? old : { status: 'DOWN', v: '1.0.1' })

  test('a new pod that is sick beside a healthy old one is the release’s', async () => {
    const { ask } = asker([http], { answer: answers({ status: 'OK', v: '1.0.0' }) })
    expect(await ask(looks)).toEqual({ pending: 'new: /health says status DOWN, expected OK; asked again' })
    expect(await ask(looks)).toEqual({
      verdict: { kind: 'failed', reason: 'health', sentence: 'new: /health says status DOWN, expected OK' },
    })
  })

  test('old pods that fail in the same way make it the environment’s', async () => {
    const { ask } = asker([http], { answer: answers({ status: 'DOWN', v: '1.0.0' }) })
    await ask(looks)
    expect(await ask(looks)).toEqual({
      verdict: {
        kind: 'unknown',
        reason: 'environment',
        sentence:
          'new: /health says status DOWN, expected OK; the old pods fail the same check (old: /health says status DOWN, expected OK)',
      },
    })
  })

  test('old pods that can’t be asked excuse nothing', async () => {
    const { ask } = asker([http], {
      answer: (name) => (name === 'old' ? Promise.reject(new Error('away')) : json({ status: 'DOWN' })),
    })
    await ask(looks)
    expect((await ask(looks)).verdict).toMatchObject({ kind: 'failed' })
  })

  test('what failed before the upgrade is not the release’s', async () => {
    const { ask, fake } = asker([http], { answer: answers({ status: 'OK', v: '1.0.0' }) })
    const message = 'it failed before the upgrade, too: /health answers 502'
    await fake.deps.store.upgrades.record({
      ...{ upgradeId: key.upgradeId, key: stepKeys.healthBefore(0), phase: 'preflight', kind: 'check-failed', message },
    })
    await ask(looks)
    expect((await ask(looks)).verdict).toEqual({
      kind: 'unknown',
      reason: 'environment',
      sentence: `new: /health says status DOWN, expected OK; ${message}`,
    })
  })
})

describe('a URL', () => {
  const check = (expect = {}): HealthCheck => ({ url: '${LEDGER}/health?key=${KEY}', expect })
  const env = () => ({ LEDGER: server.url, KEY: 'S3CRET' })

  test('is asked once for the service, its references filled; its answers are told without them', async () => {
    const { ask } = asker([check({ json: { '$.up': true } })], {}, env())
    server.answerByDefault(answer(200, '{"up":true}'))
    expect(await ask()).toEqual({})
    expect(server.received.map(({ path }) => path)).toEqual(['/health?key=S3CRET'])
    server.answerByDefault(answer(200, '{"up":false}'))
    await ask()
    expect((await ask()).verdict?.sentence).toBe('${LEDGER}/health?key=${KEY} says $.up is false, expected true')
  })

  test.each([
    ['a redirect is not followed', () => answer(302, '', { location: server.url }), /answers 302; asked again/],
    ['an answer without end is cut', () => answer(200, 'x'.repeat(1_100_000)), /answered more than 1024 KiB/],
    [
      'a connection that breaks off',
      () => (response: { destroy(): unknown }) => void response.destroy(),
      /can't be asked/,
    ],
  ])('%s', async (_, how, expected) => {
    const { ask } = asker([check()], {}, env())
    server.answerByDefault(how())
    const { pending, blind } = await ask()
    expect(pending ?? blind).toMatch(expected)
    expect(pending ?? blind).not.toContain('S3CRET')
  })

  test.each<[string, Record<string, string>, string]>([
    ['a variable that is not set', { KEY: 'k' }, 'the environment variable LEDGER is not set'],
    ['no URL', { LEDGER: 'S3CRET', KEY: 'k' }, 'it is no http or https URL'],
    ['where a cloud keeps credentials', { LEDGER: 'http://169.254.169.254', KEY: 'k' }, 'is a link-local address'],
  ])('%s is blind, never bad', async (_, environment, expected) => {
    const { blind, verdict } = await asker([check()], {}, environment).ask()
    expect(blind).toContain(expected)
    expect(blind).not.toContain('S3CRET')
    expect(verdict).toBeUndefined()
  })
})

describe('a query', () => {
  test('fails at once: its mean stands for several values', async () => {
    const { ask } = asker([metric], {}, { PROM: `${server.url}/prom/` })
    server.answerByDefault(matrix('0.2', '0.2', '+Inf'))
    expect((await ask()).verdict).toEqual({
      ...{ kind: 'failed', reason: 'health' },
      sentence: 'errors{pod=~"$pods"} is Infinity over 3 s, at most 0.1',
    })
    const { pathname, searchParams } = new URL(server.received[0]?.path ?? '', server.url)
    expect(pathname).toBe('/prom/api/v1/query_range')
    expect(searchParams.get('query')).toBe('errors{pod=~"new-1|new-2|new-3"}')
    expect(searchParams.get('step')).toBe('1.000')
  })

  test('is not asked again before it can have changed', async () => {
    const { ask } = asker([metric], {}, { PROM: server.url })
    server.answerByDefault(matrix('0', '0', '0'))
    expect([await ask(), await ask(), await ask()]).toEqual([{}, {}, {}])
    expect(server.received).toHaveLength(1)
  })

  test('waits for enough values, and can’t tell when they don’t come', async () => {
    const { ask, remember } = asker([metric], {}, { PROM: server.url })
    server.answerByDefault(matrix('NaN', 'NaN', '0'))
    expect(await ask()).toEqual({ pending: 'errors{pod=~"$pods"} gives 1 of 3 values over 3 s' })
    remember({ since: Date.now() - 60_000, metrics: {} })
    expect(await ask()).toEqual({ blind: 'errors{pod=~"$pods"} gives 1 of 3 values over 3 s' })
  })

  test('is held against the time before the first write', async () => {
    const worse: HealthCheck = {
      prometheus: server.url,
      token: '${T}',
      query: 'errors',
      worse: 2,
      overMs: 3_000,
      samples: 3,
    }
    const { ask, fake } = asker([worse], {}, { T: 'S3CRET' })
    for (const [name, kind, at] of [
      ['entered', 'entered', 1_000],
      ['expand/0/started', 'started', 1_000_000],
      ['patched/x', 'patched', 2_000_000],
    ] as const)
      fake.events.set(name, {
        ...{
          upgradeId: key.upgradeId,
          at: new Date(at),
          phase: 'rollout',
          kind,
          by: null,
          verified: false,
          message: '',
        },
      })
    server.answerByDefault((response, { path }) =>
      matrix(...(new URL(path, server.url).searchParams.get('end') === '1000.000' ? ['1', '1', '1'] : ['3', '3', '3']))(
        response,
        { path, method: '', headers: {}, body: '' },
      ),
    )
    expect((await ask()).verdict?.sentence).toBe('errors is 3 over 3 s, at most 2 (1 before the upgrade)')
    expect(server.received[0]?.headers.authorization).toBe('Bearer S3CRET')
  })

  test.each([
    [
      'a query that it refuses',
      answer(400, '{"status":"error","errorType":"bad_data","error":"parse error"}'),
      'Prometheus says parse error',
    ],
    ['no right', answer(401, 'no'), 'Prometheus answers 401'],
    ['another server', answer(200, '{"status":"OK"}'), 'what answers does not speak the API of Prometheus'],
  ])('%s is blind, never bad', async (_, how, expected) => {
    server.answerByDefault(how)
    const { blind, verdict } = await asker([metric], {}, { PROM: server.url }).ask()
    expect(blind).toBe(`errors{pod=~"$pods"} can't be read: ${expected}`)
    expect(verdict).toBeUndefined()
  })

  test('without an address is blind', async () => {
    expect((await asker([metric]).ask()).blind).toContain('the environment variable PROM is not set')
    expect((await asker([metric], {}, { PROM: 'x' }).ask()).blind).toContain('is no http or https URL')
  })
})

describe('a Job', () => {
  const running = { kind: 'running' as const, since: 0 }

  test('is started once in the new image, waited for, recorded and taken away', async () => {
    const { ask, fake } = asker([job], { outcome: null, job: running })
    expect([await ask(), await ask()]).toEqual([{ pending: 'npm run smoke runs' }, { pending: 'npm run smoke runs' }])
    fake.job = { kind: 'succeeded' }
    expect([await ask(), await ask()]).toEqual([{}, {}])
    expect(fake.calls).toEqual(['start job', 'keep log', 'record health/bake/0', 'delete job'])
    expect(fake.jobs).toMatchObject([
      {
        name: expect.stringMatching(/^refit-ledger-abcdef123456-1-h0-[0-9a-f]{8}$/) as string,
        image: expect.stringContaining('@sha256:') as string,
        command: ['npm', 'run', 'smoke'],
        like: { kind: 'Deployment', workload: 'ledger-api', container: 'ledger' },
      },
    ])
  })

  test('that exits with an error fails the release; the log stays in the store', async () => {
    const { ask, fake } = asker([job], {
      job: { kind: 'failed', reason: 'exit code 3', exitCode: 3 },
      jobLog: 'S3CRET',
    })
    const { verdict } = await ask()
    expect(verdict).toMatchObject({ kind: 'failed', reason: 'health' })
    expect(verdict?.sentence).toBe(
      `npm run smoke failed (exit code 3); see refit history --upgrade ${key.upgradeId} --logs`,
    )
    expect(fake.jobLogs).toEqual([{ step: 'health/bake/0', log: 'S3CRET' }])
  })

  test('whose result is on record is not run again by a later attempt', async () => {
    const { ask, fake } = asker([job])
    await ask()
    const later = asker([job], { events: fake.events })
    expect(await later.ask()).toEqual({})
    expect(later.fake.jobs).toEqual([])
  })

  test.each<[string, World['job'], string]>([
    ['was deleted', { kind: 'absent' }, 'was deleted before its result was read'],
    [
      'lost its pod',
      { kind: 'failed', reason: 'BackoffLimitExceeded', isLost: true },
      'has no result: BackoffLimitExceeded',
    ],
    ['could not start', { kind: 'failed', reason: 'ErrImagePull: x' }, 'has no result: ErrImagePull: x'],
    ['did not end', { kind: 'failed', reason: 'DeadlineExceeded' }, 'has no result: DeadlineExceeded'],
  ])('that %s has judged nothing', async (_, state, expected) => {
    const { blind, verdict } = await asker([job], { job: state }).ask()
    expect(blind).toContain(expected)
    expect(verdict).toBeUndefined()
  })

  test('that the cluster doesn’t take has judged nothing', async () => {
    const { ask, fake } = asker([job])
    fake.deps.kubernetes.startJob = () =>
      Promise.reject(new RefitError('KUBERNETES_FORBIDDEN', 'jobs may not be created.', 'Grant it.'))
    expect(await ask()).toEqual({ blind: "npm run smoke can't be run: jobs may not be created." })
  })

  test('is not started for an upgrade that has ended', async () => {
    const { ask, fake } = asker([job], { outcome: 'held' })
    await expect(ask()).rejects.toThrow('has ended')
    expect(fake.jobs).toEqual([])
  })

  test('that still runs is deleted with its stage; one that has ended is not', async () => {
    const { ask, end, fake } = asker([job, job], { job: running })
    await ask()
    await end()
    expect(fake.calls).toEqual(['start job', 'start job', 'delete job', 'delete job'])
    const ended = asker([job])
    await ended.ask()
    ended.fake.calls.length = 0
    await ended.end()
    expect(ended.fake.calls).toEqual([])
  })
})
