import { judgeHealth, tallyHealth, type HealthVerdict } from '../../src/domain/health'
import type { HealthCheck } from '../../src/domain/policy'

const check = (expect: HealthCheck['expect'] = { status: 'OK', version: '$.versionNumber' }): HealthCheck => ({
  http: '/health',
  port: 3001,
  expect,
})
const json = (value: unknown, status = 200) => ({ status, body: JSON.stringify(value) })
const ok = { status: 'OK', versionNumber: '1.0.1', services: [{ name: 'datastore', status: 'OK' }] }

test.each<[string, HealthCheck, Parameters<typeof judgeHealth>[2], HealthVerdict['kind'], string]>([
  ['as expected', check(), json(ok), 'ok', '/health answers 200'],
  ['204 is fine when nothing is expected', check({}), { status: 204, body: '' }, 'ok', '/health answers 204'],
  ['a version with its v', check(), json({ ...ok, versionNumber: 'v1.0.1' }), 'ok', '/health answers 200'],
  [
    'a nested version',
    check({ version: '$.info.build.version' }),
    json({ info: { build: { version: '1.0.1' } } }),
    'ok',
    '/health answers 200',
  ],
  [
    'the old version',
    check(),
    json({ ...ok, versionNumber: '1.0.0' }),
    'bad',
    '/health says version 1.0.0, expected 1.0.1',
  ],
  ['no version', check(), json({ status: 'OK' }), 'bad', '/health says version nothing, expected 1.0.1'],
  [
    'a version that only the prototype has',
    check({ version: '$.constructor.name' }),
    json(ok),
    'bad',
    '/health says version nothing, expected 1.0.1',
  ],
  ['status DOWN with 200', check(), json({ ...ok, status: 'DOWN' }), 'bad', '/health says status DOWN, expected OK'],
  [
    'status DOWN with 502 names the parts',
    check(),
    json(
      {
        status: 'DOWN',
        services: [
          { name: 'datastore', status: 'DOWN' },
          { name: 'broker', status: 'OK' },
        ],
      },
      502,
    ),
    'bad',
    '/health answers 502 (DOWN: datastore down)',
  ],
  ['a plain 500', check(), { status: 500, body: 'oops' }, 'bad', '/health answers 500'],
  ['404', check({}), { status: 404, body: '' }, 'bad', '/health answers 404'],
  ['a redirect', check({}), { status: 302, body: '' }, 'bad', '/health answers 302'],
  ['no JSON', check(), { status: 200, body: '<html>' }, 'bad', '/health says status nothing, expected OK'],
  ['JSON null', check(), { status: 200, body: 'null' }, 'bad', '/health says status nothing, expected OK'],
  [
    'a body cut in the middle',
    check(),
    { status: 200, body: '{"status":"OK"' },
    'bad',
    '/health says status nothing, expected OK',
  ],
  [
    'no connection',
    check(),
    { error: 'connect ECONNREFUSED' },
    'unknown',
    "/health can't be read: connect ECONNREFUSED",
  ],
  [
    'the API server could not reach the pod',
    check(),
    json(
      {
        kind: 'Status',
        apiVersion: 'v1',
        message: 'error trying to reach service: dial tcp 10.0.0.1:3001: i/o timeout',
      },
      503,
    ),
    'unknown',
    "/health can't be read: error trying to reach service: dial tcp 10.0.0.1:3001: i/o timeout",
  ],
])('%s', (_, given, answer, kind, sentence) => expect(judgeHealth(given, 'v1.0.1', answer)).toEqual({ kind, sentence }))

test.each([
  ['3.7.1-alpine', '3.7.1'],
  ['3.7.1-alpine', '3.7.1-alpine'],
  ['v15.1.2.1', '15.1.2.1'],
  ['v1.1.0-rc.1', '1.1.0-rc.1'],
])('tag %s may call itself %s', (tag, version) =>
  expect(judgeHealth(check({ version: '$.v' }), tag, json({ v: version })).kind).toBe('ok'),
)

describe('rounds of answers', () => {
  const said = {
    o: { kind: 'ok', sentence: 'fine' },
    b: { kind: 'bad', sentence: 'DOWN' },
    u: { kind: 'unknown', sentence: 'away' },
  } as const
  /** One letter per round and pod. */
  const rounds = (pods: Record<string, string>) => {
    const length = Math.max(...Object.values(pods).map((letters) => letters.length))
    let tally = {}
    for (let i = 0; i < length; i += 1) {
      const samples = Object.entries(pods).flatMap(([pod, letters]) => {
        const letter = letters[i] as 'o' | 'b' | 'u' | undefined
        return letter ? [{ pod, verdict: said[letter] }] : []
      })
      const result = tallyHealth(tally, samples)
      if (result.failed) return result.failed
      tally = result.tally
    }
    return 'fine'
  }
  test.each<[string, Record<string, string>, string]>([
    ['all good', { a: 'ooo', b: 'ooo' }, 'fine'],
    ['one hiccup', { a: 'obo', b: 'ooo' }, 'fine'],
    ['two in a row', { a: 'obb', b: 'ooo' }, 'a: DOWN'],
    ['two of two pods are no row', { a: 'bo', b: 'ob' }, 'fine'],
    ['unknown never fails', { a: 'uuuuuu' }, 'fine'],
    ['but does not clear either', { a: 'bub' }, 'a: DOWN'],
    ['every other one', { a: 'bobobo' }, 'fine'],
  ])('%s', (_, pods, expected) => expect(rounds(pods)).toBe(expected))

  test('pods that are gone are forgotten, what could not be read is told', () => {
    expect(tallyHealth({ gone: 1, a: 1 }, [{ pod: 'a', verdict: said.u }])).toEqual({
      tally: { a: 1 },
      blind: 'a: away',
    })
  })

  test('one bad check of several is a bad round', () => {
    const samples = [said.o, said.b, said.u].map((verdict) => ({ pod: 'a', verdict }))
    expect(tallyHealth({ a: 1 }, samples).failed).toBe('a: DOWN')
  })
})
