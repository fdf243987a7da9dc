/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '../../src/config'
import type { ReleaseDefinition } from '../../src/domain/release'
import type { ReleaseInput } from '../../src/activities/release-contracts'
import type { ReleaseEvent, ReleaseRow, ReleaseServiceRow } from '../../src/store/contracts'
import { secretOf } from '../support/tokens'
import { digest, fakeStore, fakeTemporal, now } from '../operations/support'
import { refit, type Surroundings } from './support'

const configOf = (more = '') => ({
  ...parseConfig({
    name: 'refit.yaml',
    env: { STAGING_TOKEN: 'x'.repeat(40) },
    text: `
hub: { name: green-hub, environment: test }
hubs: [{ name: staging, url: 'https://refit.staging.example.org', token: '\${STAGING_TOKEN}' }]
people: [{ name: ana, groups: [tech-ops] }]
policies: [{ name: core, select: { namespaces: [hub], images: ['*/hub/*'] }, mode: approve, rollout: { maxUnavailable: 1 }${more} }]
`,
  }),
  billOfMaterials: {
    product: 'Hub',
    releases: { '1.1.0': { 'hub/ledger': 'v1.0.1' }, '0.9.0': { 'hub/ledger': 'v0.9.0' } },
  },
})
const config = configOf()

const row = (more: Partial<ReleaseRow> = {}): ReleaseRow => ({
  ...{ id: '0123456789ab-1', name: '1.1.0', definition: '0123456789ab', hash: 'abcdef123456' },
  ...{ rules: { approval: 'once', onFailure: 'rollback' }, phase: 'approval', outcome: null },
  ...{ waitingFor: 'an approval', message: 'waits for a person', requestedBy: 'ana', requestedVerified: true },
  ...{ approvedBy: null, approvedAt: null, startedAt: now, endedAt: null },
  ...more,
})
const services: ReleaseServiceRow[] = [
  {
    ...{ position: 0, namespace: 'hub', service: 'ledger', wave: 0, after: [], planHash: '1a2b3c4d5e6f' },
    ...{ from: 'v1.0.0', to: 'v1.0.1', digest: digest('1'), upgradeId: null, ready: false, verdict: null },
    ...{ because: '', phase: null, outcome: null, message: '' },
  },
]
const events: ReleaseEvent[] = [
  { releaseId: row().id, at: now, phase: 'approval', kind: 'said', by: 'ana', verified: true, message: '1 of 2' },
]

/** A hub with these releases; what is started and sent is kept. */
function hub(rows: ReleaseRow[] = [], script: Parameters<typeof fakeTemporal>[0] = {}) {
  const { store, votes } = fakeStore()
  const defined: ReleaseDefinition[] = []
  const started: (ReleaseInput & { workflowId: string })[] = []
  store.releases = {
    ...store.releases,
    define: async (definition: ReleaseDefinition) => (defined.push(definition), '0123456789ab'),
    open: async ({ name }: { name: string }) => row({ name, hash: null, phase: 'plan' }),
    listOpen: async () => rows.filter(({ outcome }) => outcome === null),
    latest: async (name?: string) => rows.find((each) => name === undefined || each.name === name),
    services: async () => services,
    events: async () => events,
  }
  const startRelease = async (workflowId: string, input: ReleaseInput) =>
    Boolean(started.push({ workflowId, ...input }))
  const { temporal, sent } = fakeTemporal({ startRelease, ...script })
  const run = (line: string | string[], more: Surroundings = {}) => refit(line, { config, store, temporal, ...more })
  return { run, store, votes, defined, started, sent }
}

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'refit-')), 'release.yaml')
  writeFileSync(path, text)
  return path
}

describe('refit release plan', () => {
  test('shows waves, the hash and the next command, and writes nothing', async () => {
    const { run, defined, started } = hub()
    const { code, out } = await run('release plan 1.1.0')
    expect(code).toBe(0)
    expect(out).toMatch(/1 +hub\/ledger +v1.0.0 +v1.0.1 +-/)
    expect(out).toMatch(/one approval for all of it \(1 person\)\nplan hash [0-9a-f]{12}; nothing was written/)
    expect(out).toContain('next: refit release start 1.1.0')
    expect([defined, started]).toEqual([[], []])
  })

  test('its JSON has the waves, what is left as it is and the refusals', async () => {
    const found = (await hub().run('release plan 1.1.0 -o json')).json()
    expect(found).toMatchObject({
      ...{ release: '1.1.0', skipped: [], refusals: [], approvals: 1, window: { kind: 'open' } },
      waves: [[{ namespace: 'hub', name: 'ledger', from: 'v1.0.0', to: 'v1.0.1', after: [] }]],
      planHash: expect.stringMatching(/^[0-9a-f]{12}$/),
    })
  })

  test.each<[string, string, Surroundings, string]>([
    ['that goes backwards', 'release plan 0.9.0', {}, 'Refit never goes backwards'],
    [
      'of what has not proved itself elsewhere',
      'release plan 1.1.0',
      { config: configOf(', promote: { from: staging, bakedFor: 48h }') },
      "hub/ledger: v1.0.1 waits for staging, which can't be asked",
    ],
    [
      'of a tag that nobody pushed',
      `release plan ${file('release: x\nservices: { ledger: v1.0.7 }')}`,
      {},
      'no tag v1.0.7',
    ],
    [
      'that names what does not run',
      `release plan ${file('release: x\nservices: { other: v1 }')}`,
      {},
      'no service runs',
    ],
  ])('a release %s is refused with the reason and exit code 3', async (_, line, more, reason) => {
    const { code, out } = await hub().run(line, more)
    expect(code).toBe(3)
    expect(out).toContain(reason)
    expect(out).toContain('nothing was written')
    const json = await hub().run(`${line} -o json`, more)
    expect([json.code, json.json().planHash]).toEqual([3, null])
  })

  test.each([
    ['that nobody knows', 'release plan 1.1.1', 5, 'Did you mean 1.1.0'],
    ['that is no release', `release plan ${file('release: x')}`, 2, 'services'],
    ['of half a comparison', 'release plan 1.1.0 --new-manifests x.yaml', 2, 'go together'],
    ['without a name', 'release plan', 2, 'release'],
  ])('one %s', async (_, line, code, words) => {
    const run = await hub().run(line)
    expect(run.code).toBe(code)
    expect(run.err).toContain(words)
  })
})

describe('refit release start', () => {
  test('keeps the release and starts its workflow', async () => {
    const { run, defined, started } = hub()
    const { code, out } = await run('release start 1.1.0 --by ana')
    expect(code).toBe(0)
    expect(defined).toMatchObject([{ release: '1.1.0', services: { 'hub/ledger': 'v1.0.1' } }])
    expect(started).toEqual([{ workflowId: 'refit/release/1.1.0', release: '1.1.0', releaseId: '0123456789ab-1' }])
    expect(out).toMatch(/release 1.1.0 started\n.*\nnext: refit release approve 1.1.0 --plan [0-9a-f]{12}\n$/)
  })

  test('one that is open goes on, and is not planned again', async () => {
    const { run } = hub([row()])
    expect((await run('release start 1.1.0 --by ana -o json')).json()).toMatchObject({ kind: 'resumed', preview: null })
    const runs = hub([row()], { startRelease: async () => false })
    expect((await runs.run('release start 1.1.0 --by ana')).out).toContain('release 1.1.0 runs already')
  })

  test('one that is refused starts nothing and says every reason', async () => {
    const { run, started } = hub()
    const { code, err } = await run('release start 0.9.0 --by ana')
    expect(code).toBe(3)
    expect(err).toMatch(/Release 0.9.0 is refused for a reason:\n {2}.*never goes backwards/)
    expect(started).toEqual([])
  })

  test('with a token it is known who starts it; an approver may not', async () => {
    const { run, store, started } = hub()
    const env = async (scope: Parameters<typeof secretOf>[2]) => ({
      env: { REFIT_TOKEN: await secretOf(store, 'ana', scope) },
    })
    expect((await run('release start 1.1.0', await env('approver'))).code).toBe(3)
    expect(started).toEqual([])
    expect((await run('release start 1.1.0 --by eve', await env('operator'))).code).toBe(2)
    expect((await run('release start 1.1.0', await env('operator'))).code).toBe(0)
    expect(started).toHaveLength(1)
  })

  test('who accepts what differs beyond images is the owner of the token', async () => {
    const { run, store, defined } = hub()
    const manifest = (tag: string, replicas: number) =>
      file(
        `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ledger, namespace: hub }\nspec: { replicas: ${replicas}, template: { spec: { containers: [{ name: app, image: '127.0.0.1:5000/hub/ledger:${tag}' }] } } }\n`,
      )
    const line = `release start 1.1.0 --old-manifests ${manifest('v1.0.0', 1)} --new-manifests ${manifest('v1.0.1', 2)}`
    const env = { REFIT_TOKEN: await secretOf(store, 'ana', 'operator') }
    expect(await run(line, { env })).toMatchObject({ code: 3, err: expect.stringContaining('--accept-differences') })
    expect((await run(`${line} --accept-differences`, { env })).code).toBe(0)
    expect(defined.at(-1)).toMatchObject({ accepted: 'ana', differences: [expect.stringContaining('replicas')] })
  })
})

describe('refit release status', () => {
  test('shows each service, what was said, and the next command', async () => {
    const { code, out } = await hub([row()]).run('release status')
    expect(code).toBe(0)
    expect(out).toMatch(/^release 1.1.0 in phase approval: waits for a person\n/)
    expect(out).toMatch(/1 +hub\/ledger +v1.0.0 → v1.0.1 +not begun/)
    expect(out).toContain('said by ana: 1 of 2')
    expect(out).toContain('next: refit release approve 1.1.0 --plan abcdef123456')
  })

  test('its JSON is what the store has', async () => {
    const found = (await hub([row({ outcome: 'held', endedAt: now })]).run('release status 1.1.0 -o json')).json()
    expect(found).toMatchObject({
      release: { name: '1.1.0', outcome: 'held', rules: { onFailure: 'rollback' } },
      services: [{ service: 'ledger', wave: 0 }],
      events: [{ kind: 'said' }],
    })
  })

  test.each([
    ['there was none', 'release status', 'There was no release yet.'],
    ['there was none of the name', 'release status 2.0.0', 'There was no release 2.0.0.'],
  ])('when %s', async (_, line, words) => {
    const { code, err } = await hub().run(line)
    expect(code).toBe(5)
    expect(err).toContain(words)
  })
})

describe('to speak to a release', () => {
  test.each([
    ['approve', 'release approve 1.1.0 --by ana --plan abcdef123456 --change CHG-7 --comment good', 'good'],
    ['reject', 'release reject 1.1.0 --by ana --plan abcdef123456 --reason audit', 'audit'],
    ['abort', 'release abort 1.1.0 --yes --by ana --reason night', 'night'],
  ])('%s is sent with what was said, and told as unverified', async (verb, line, reason) => {
    const { run, sent } = hub([row()])
    const { code, out, err } = await run(`${line} --verbose`)
    expect(code).toBe(0)
    expect(sent).toMatchObject([
      { as: 'update', workflowId: 'refit/release/1.1.0', verb, input: { by: 'ana', reason } },
    ])
    expect(out).toContain(`${verb} of release 1.1.0 by ana (unverified)`)
    expect(err).toContain('equivalent: temporal workflow signal')
  })

  test('with a token the vote is kept under its owner', async () => {
    const { run, store, votes, sent } = hub([row()])
    const env = { REFIT_TOKEN: await secretOf(store, 'ana', 'approver') }
    const result = (await run('release approve 1.1.0 -o json', { env })).json()
    expect(result).toMatchObject({ release: '1.1.0', by: 'ana', verified: true, delivered: 'update', equivalent: null })
    expect(votes).toMatchObject([{ verb: 'approve', namespace: '', service: '1.1.0', groups: ['tech-ops'] }])
    expect(sent).toMatchObject([{ input: { vote: votes[0]?.id, planHash: 'abcdef123456' } }])
    expect((await run('release abort 1.1.0 --yes --reason night', { env })).code).toBe(3)
  })

  test('without a worker it is left as a signal', async () => {
    const { run, sent } = hub([row()], { workers: 0 })
    const { code, out } = await run('release abort 1.1.0 --yes --by ana --reason night')
    expect(code).toBe(0)
    expect(sent).toMatchObject([{ as: 'signal', verb: 'abort' }])
    expect(out).toContain('left as a signal')
  })

  const refusal = { kind: 'refused' as const, message: 'the release has begun' }
  test.each<[string, string, ReleaseRow[], Parameters<typeof fakeTemporal>[0], number, string]>([
    [
      'of which none is open',
      'approve 1.1.0',
      [row({ outcome: 'held', endedAt: now })],
      {},
      5,
      'No release 1.1.0 is open',
    ],
    ['with another plan', 'approve 1.1.0 --plan 111111111111', [row()], {}, 3, 'is abcdef123456 now'],
    ['that says no', 'reject 1.1.0 --reason audit', [row()], { answer: refusal }, 3, 'the release has begun'],
    [
      'that lost its workflow',
      'abort 1.1.0 --yes --reason night',
      [row()],
      { workers: 0, isOpen: false },
      5,
      'no running workflow any more',
    ],
    ['with no plan hash at all', 'approve 1.1.0 --plan latest', [row()], {}, 2, 'plan'],
  ])('one %s', async (_, line, rows, script, code, words) => {
    const run = await hub(rows, script).run(`release ${line} --by ana`)
    expect(run.code).toBe(code)
    expect(run.err).toContain(words)
  })
})
