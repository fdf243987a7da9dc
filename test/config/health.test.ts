import { createHash } from 'node:crypto'
import { canonical } from '../../src/domain/plan'
import { messageOf, parse, policy } from './support'

const healthOf = (line: string, env?: Record<string, string>) =>
  parse(policy(`    health: ${line}\n`), env).policies[0]?.health

describe('health checks of a policy', () => {
  it('are asked of pods, URLs, Prometheus and Jobs', () =>
    expect(
      healthOf(`
      - { http: /health, port: 3001, expect: { status: OK, version: $.versionNumber, code: 200, latency: 500ms } }
      - { url: "https://api.example.org/health", expect: { code: [200, 204], json: { "$.parts[0].up": true, $.queue: 0 } } }
      - { prometheus: "http://prometheus:9090", token: "\${PROMETHEUS_TOKEN}", query: 'sum(errors{svc="$service"})', max: 0.01 }
      - { prometheus: "http://prometheus:9090", query: latency, worse: 1.5, max: 0.2, over: 5m, samples: 10 }
      - { job: { command: [npm, run, smoke], deadline: 1m } }
      - { job: { command: ["true"] } }`),
    ).toEqual([
      {
        http: '/health',
        port: 3001,
        expect: { status: 'OK', version: '$.versionNumber', code: [200], latencyMs: 500 },
      },
      {
        url: 'https://api.example.org/health',
        expect: { code: [200, 204], json: { '$.parts[0].up': true, '$.queue': 0 } },
      },
      {
        prometheus: 'http://prometheus:9090',
        token: '${PROMETHEUS_TOKEN}',
        query: 'sum(errors{svc="$service"})',
        max: 0.01,
        overMs: 60_000,
        samples: 3,
      },
      { prometheus: 'http://prometheus:9090', query: 'latency', worse: 1.5, max: 0.2, overMs: 300_000, samples: 10 },
      { job: { command: ['npm', 'run', 'smoke'], deadlineMs: 60_000 } },
      { job: { command: ['true'], deadlineMs: 120_000 } },
    ]))

  it('keep their references, whether they are set or not: plans hold no secret', () => {
    const line = '[{ url: "${LEDGER_URL}/health" }, { prometheus: "${PROM}", query: up, min: 1 }]'
    const kept = [
      { url: '${LEDGER_URL}/health', expect: {} },
      { prometheus: '${PROM}', query: 'up', min: 1, overMs: 60_000, samples: 3 },
    ]
    expect(healthOf(line)).toEqual(kept)
    expect(healthOf(line, { LEDGER_URL: 'https://u:S3CRET@ledger', PROM: 'http://prom' })).toEqual(kept)
  })

  it('of pods have the shape that they had before there were others, so that hashes of plans stay', () => {
    const health = healthOf(
      '[{ http: /health, port: 3001, expect: { status: OK, version: $.versionNumber } }, { http: /h, port: 1 }]',
    )
    expect(canonical(health)).toBe(
      '[{"expect":{"status":"OK","version":"$.versionNumber"},"http":"/health","port":3001},{"expect":{},"http":"/h","port":1}]',
    )
    expect(createHash('sha256').update(canonical(health)).digest('hex').slice(0, 12)).toBe('efcac64a1b7f')
  })

  it.each<[string, string]>([
    ['{}', 'policies[0].health[0] must be { http, port }, { url }, { prometheus, query } or { job }'],
    ['x', 'policies[0].health[0] must be { http, port }, { url }, { prometheus, query } or { job }'],
    ['{ http: /h }', 'policies[0].health[0].port is missing'],
    ['{ http: /h, port: 1, expect: { latency: 1m } }', 'expect.latency must be at most 10s'],
    ['{ http: /h, port: 1, expect: { code: 99 } }', 'expect.code must be a status code or a list of them'],
    ['{ http: /h, port: 1, expect: { json: { a: 1 } } }', 'expect.json must map JSON paths'],
    ['{ http: /h, port: 1, expect: { version: v } }', 'expect.version must be a JSON path'],
    ['{ http: /h, port: 1, expect: { json: { $.a: [1] } } }', 'must be a text, a number, true, false or null'],
    ['{ http: /h, port: 1, url: "http://a" }', 'policies[0].health[0].url is not a known key'],
    ['{ url: "ftp://a.example" }', 'policies[0].health[0].url must be an http or https URL'],
    ['{ url: "ftp://u:S3CRET@a.example" }', 'policies[0].health[0].url must be an http or https URL'],
    ['{ url: "https://u:S3CRET@a.example" }', 'policies[0].health[0].url holds a login'],
    ['{ url: "https://a.example", expects: {} }', 'expects is not a known key; did you mean expect?'],
    ['{ prometheus: "http://p:9090", max: 1 }', 'policies[0].health[0].query is missing'],
    ['{ prometheus: p, query: up, max: 1 }', 'prometheus must be an http or https URL'],
    ['{ prometheus: "http://p", query: up }', 'policies[0].health[0] needs max, min or worse'],
    ['{ prometheus: "http://p", query: up, max: many }', 'max must be a number'],
    ['{ prometheus: "http://p", query: up, max: 1, min: 2 }', 'min must be no more than max (1)'],
    ['{ prometheus: "http://p", query: up, worse: 0.5 }', 'worse must be a factor of 1 or more'],
    ['{ prometheus: "http://p", query: up, worse: 2, max: 1, min: 0 }', 'max or min beside worse, not both'],
    ['{ prometheus: "http://p", query: \'x{pod=~"$pods"}\', worse: 2 }', "query can't name $pods beside worse"],
    [
      '{ prometheus: "http://p", query: up, max: 1, token: S3CRET }',
      'token must be a reference to an environment variable',
    ],
    ['{ prometheus: "http://u:S3CRET@p", query: up, max: 1 }', 'prometheus holds a login'],
    ['{ job: { command: [] } }', 'policies[0].health[0].job.command must have at least one word'],
    ['{ job: { comand: [a] } }', 'comand is not a known key; did you mean command?'],
  ])('are refused: %s', (check, expected) => {
    const message = messageOf(policy(`    health: [${check}]\n`))
    expect(message).toContain(expected)
    expect(message).not.toContain('S3CRET')
  })
})
