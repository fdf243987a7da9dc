import { judgeHealth, type HealthVerdict } from '../../src/domain/health'
import type { HttpCheck } from '../../src/domain/health-check'

const check = (expect: HttpCheck['expect'] = { status: 'OK', version: '$.versionNumber' }): HttpCheck => ({
  http: '/health',
  port: 3001,
  expect,
})
const json = (value: unknown, status = 200) => ({ status, body: JSON.stringify(value) })
const ok = { status: 'OK', versionNumber: '1.0.1', services: [{ name: 'datastore', status: 'OK' }] }

test.each<[string, HttpCheck, Parameters<typeof judgeHealth>[2], HealthVerdict['kind'], string]>([
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
  [
    'a status code that is asked for',
    check({ code: [401, 403] }),
    { status: 401, body: '' },
    'ok',
    '/health answers 401',
  ],
  ['200 where another is asked for', check({ code: [204] }), { status: 200, body: '' }, 'bad', '/health answers 200'],
  [
    'values of the answer, also in a list',
    check({ json: { '$.services[0].status': 'OK', '$.queue': 0, '$.paused': false, '$.last': null } }),
    json({ ...ok, queue: 0, paused: false, last: null }),
    'ok',
    '/health answers 200',
  ],
  [
    'another value',
    check({ json: { '$.queue': 0 } }),
    json({ queue: '0' }),
    'bad',
    '/health says $.queue is "0", expected 0',
  ],
  [
    'a value that is not there',
    check({ json: { '$.services[1].status': 'OK' } }),
    json(ok),
    'bad',
    '/health says $.services[1].status is nothing, expected "OK"',
  ],
  [
    'an object in place of a value',
    check({ json: { '$.services': true } }),
    json(ok),
    'bad',
    '/health says $.services is no plain value, expected true',
  ],
  ['fast enough', check({ latencyMs: 500 }), { ...json(ok), ms: 500 }, 'ok', '/health answers 200'],
  ['too slow', check({ latencyMs: 500 }), { ...json(ok), ms: 500.6 }, 'bad', '/health took 501 ms, at most 500 ms'],
])('%s', (_, given, answer, kind, sentence) => expect(judgeHealth(given, 'v1.0.1', answer)).toEqual({ kind, sentence }))

test.each([
  ['3.7.1-alpine', '3.7.1'],
  ['3.7.1-alpine', '3.7.1-alpine'],
  ['v15.1.2.1', '15.1.2.1'],
  ['v1.1.0-rc.1', '1.1.0-rc.1'],
])('tag %s may call itself %s', (tag, version) =>
  expect(judgeHealth(check({ version: '$.v' }), tag, json({ v: version })).kind).toBe('ok'),
)

test('a URL is called as it is written, and its answer is never taken for the API server’s own', () => {
  const url = { url: '${LEDGER_URL}/health', expect: { status: 'OK' } }
  const status = json({ kind: 'Status', apiVersion: 'v1', status: 'Failure' }, 503)
  expect(judgeHealth(url, 'v1.0.1', status)).toEqual({
    kind: 'bad',
    sentence: '${LEDGER_URL}/health answers 503 (Failure)',
  })
  expect(judgeHealth(url, 'v1.0.1', { error: 'the server did not answer within 2 s' })).toEqual({
    kind: 'unknown',
    sentence: "${LEDGER_URL}/health can't be read: the server did not answer within 2 s",
  })
})
