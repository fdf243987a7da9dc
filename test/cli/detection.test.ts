import { type Decision } from '../../src/domain/decision'
import { decision, digest, fakeStore, now } from '../operations/support'
import { refit } from './support'

const repository = '127.0.0.1:5000/hub/ledger'
const mark = {
  namespace: 'hub',
  service: 'ledger',
  version: 'v1.0.2',
  reason: 'CVE-2026-1234',
  by: 'ana',
  at: now,
  digest: digest('2'),
}

describe('refit accept', () => {
  const suspicious = () => fakeStore({ decisions: [decision({ kind: 'suspicious' })], doubted: [repository] })

  test('trusts the list and names the next command', async () => {
    const run = await refit(['accept', 'ledger', '--reason', 'old tags go', '--by', 'ana'], suspicious())
    expect(run).toMatchObject({
      code: 0,
      out: `the tag list of ${repository} is trusted as it is, by ana\naccepted: list 3f2a9c01b7de of 1 tags (the last trusted one had 4), without v1.0.0, which runs\nnext: refit scan\n`,
    })
  })

  test('its JSON says who and why; nobody named is the user of this machine', async () => {
    expect((await refit('accept hub/ledger --reason pruned -o json', suspicious())).json()).toEqual({
      ...{ namespace: 'hub', service: 'ledger', repository },
      ...{ acceptedBy: 'me@laptop', reason: 'pruned' },
      list: { hash: '3f2a9c01b7de', count: 1, lastCount: 4, missing: ['v1.0.0'] },
    })
  })

  test.each([
    ['a list that is not suspicious', 'accept ledger --reason x', 3],
    ['a service that nobody knows', 'accept nobody --reason x', 5],
    ['no reason', 'accept ledger', 2],
    ['no service', 'accept --reason x', 2],
    ['a hash that is none', 'accept ledger --reason x --list 3f2', 2],
  ])('%s exits', async (_, line, code) => {
    const { store, accepted } = fakeStore({ decisions: [decision()] })
    const run = await refit(line, { store })
    expect(run).toMatchObject({ code, out: '', err: expect.stringContaining('error: ') })
    expect(accepted).toEqual(code === 3 ? [repository] : [])
  })
})

test('refit explain and refit status show which list is doubted, and refit accept takes no other', async () => {
  const suspicious = () => fakeStore({ decisions: [decision({ kind: 'suspicious' })], doubted: [repository] })
  const words = 'list 3f2a9c01b7de of 1 tags (the last trusted one had 4), without v1.0.0, which runs'
  expect((await refit('explain ledger', suspicious())).out).toContain(
    `${words}: refit accept hub/ledger --list 3f2a9c01b7de --reason TEXT`,
  )
  expect((await refit('status ledger', suspicious())).out).toContain('3f2a9c01b7de of 1 tags')
  expect((await refit('accept ledger --reason x --list 3F2A9C01B7DE', suspicious())).code).toBe(0)
  const other = await refit('accept ledger --reason x --list 000000000000', suspicious())
  expect(other).toMatchObject({ code: 3, err: expect.stringContaining('another one') })
})

describe('refit security', () => {
  const decisions = [decision()]

  test('marks, and says when it was marked already', async () => {
    const line = 'security mark ledger v1.0.2 --reason CVE-2026-1234 --by ana'
    expect((await refit(line, fakeStore({ decisions }))).out).toBe(
      "hub/ledger: v1.0.2 is marked (CVE-2026-1234) by ana; ages don't hold it back\nno scan has seen v1.0.2: is it written right?\nnext: refit scan\n",
    )
    const again = await refit(line, fakeStore({ decisions, marks: [mark] }))
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('was marked already') })
    expect((await refit(`${line} -o json`, fakeStore({ decisions }))).json()).toEqual({
      ...{ namespace: 'hub', service: 'ledger', version: 'v1.0.2', reason: 'CVE-2026-1234', by: 'ana' },
      alreadyMarked: false,
      idle: 'no scan has seen v1.0.2: is it written right?',
    })
  })

  test('lists', async () => {
    expect((await refit('security list', fakeStore({ marks: [mark] }))).out).toMatch(
      /^SERVICE +VERSION +DIGEST +SINCE +BY +WHY\nhub\/ledger +v1\.0\.2 +sha256:2{12} +2026-11-23T10:00:00Z +ana +CVE-2026-1234\n$/,
    )
    expect((await refit('security list')).out).toBe('no version is marked\n')
    expect((await refit('security list -o json', fakeStore({ marks: [mark] }))).json()).toEqual({
      marks: [{ ...mark, at: now.toISOString() }],
    })
  })

  test('lifts', async () => {
    const run = await refit('security lift ledger v1.0.2 --by ana', fakeStore({ decisions, marks: [mark] }))
    expect(run).toMatchObject({ code: 0, out: expect.stringContaining('v1.0.2 is an ordinary version again, by ana') })
    const line = 'security lift ledger v1.0.2 --by ana -o json'
    expect((await refit(line, fakeStore({ decisions, marks: [mark] }))).json()).toEqual({
      ...{ namespace: 'hub', service: 'ledger', version: 'v1.0.2', liftedBy: 'ana' },
    })
  })

  test.each([
    ['security lift ledger v1.0.2', 5],
    ['security mark nobody v1.0.2 --reason x', 5],
    ['security mark ledger v1.0.2', 2],
    ['security mark ledger --reason x', 2],
    ['security', 2],
  ])('%s exits %i', async (line, code) => {
    expect((await refit(line, fakeStore({ decisions }))).code).toBe(code)
  })
})

describe('refit explain', () => {
  const tags: Decision['tags'] = [
    { tag: 'v2.0.0', verdict: 'outside-strategy', reason: 'beyond bugfix from v1.0.0' },
    { tag: 'v1.0.1', verdict: 'chosen', reason: 'the newest that bugfix allows' },
    { tag: 'v1.0.0', verdict: 'running', reason: 'runs' },
  ]
  const day = 86_400_000
  const found = decision({
    kind: 'candidate',
    reason: 'v1.0.1 is the newest that bugfix allows from v1.0.0',
    lines: ['1.0.x'],
    tags,
    candidate: {
      ...{ tag: 'v1.0.1', digest: digest('1'), security: 'CVE-2026-1234' },
      since: { at: now.getTime() - day, source: 'publisher' },
      changes: { compare: 'https://example.org/compare', releaseNotes: 'https://example.org/notes', changelog: 'less' },
    },
  })

  test('tells the decision, the policy, the candidate and every tag', async () => {
    const { code, out } = await refit('explain ledger', fakeStore({ decisions: [found] }))
    expect(code).toBe(0)
    expect(out.split('\n')).toEqual([
      `hub/ledger runs v1.0.0 of ${repository}`,
      'candidate: can be upgraded (scanned 1 min ago)',
      'v1.0.1 is the newest that bugfix allows from v1.0.0',
      'policy: core (no. 1 in refit.yaml), approve: bugfix',
      'supported lines: 1.0.x',
      'window: an upgrade may start now',
      "age counts since 2026-11-22T10:00:00Z (publisher's date)",
      'security: CVE-2026-1234',
      'what changes: https://example.org/compare',
      'release notes: https://example.org/notes',
      'changelog: less',
      '',
      expect.stringMatching(/^TAG +VERDICT +WHY$/),
      expect.stringMatching(/^v2\.0\.0 +outside-strategy +beyond bugfix from v1\.0\.0$/),
      expect.stringMatching(/^v1\.0\.1 +chosen/),
      expect.stringMatching(/^v1\.0\.0 +running/),
      '',
      'next: refit plan hub/ledger',
      '',
    ])
  })

  test('tells until when a candidate is held', async () => {
    const held = { ...found, kind: 'held' as const, holds: ['age' as const], holdUntil: now.getTime() + day }
    const run = await refit('explain ledger', fakeStore({ decisions: [held] }))
    expect(run.out).toContain('held until 2026-11-24T10:00:00Z')
    expect(run.out).toMatch(/\nnext: refit windows hub\/ledger, or refit plan hub\/ledger\n$/)
    expect((await refit('explain ledger -o json', fakeStore({ decisions: [held] }))).json()).toMatchObject({
      decision: { kind: 'held', holds: ['age'], holdUntil: now.getTime() + day, at: expect.any(String) },
      policy: { name: 'core', position: 1 },
      window: { kind: 'open' },
      tags,
    })
  })

  test('shows the newest tags, or all, or one', async () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ tag: `t${i}`, verdict: 'older' as const, reason: 'older' }))
    const store = fakeStore({ decisions: [decision({ tags: many })] })
    const short = (await refit('explain ledger', store)).out
    expect(short).toContain('… and 10 more: --all')
    expect(short).not.toContain('t30 ')
    expect((await refit('explain ledger --all', store)).out).toContain('t39 ')
    expect((await refit('explain ledger --tag t35', store)).out).toMatch(/\nt35 +older +older\n$/)
  })

  test('of what no policy selects says what to do', async () => {
    const unwatched = decision({ namespace: 'other', kind: 'unwatched' })
    const { out } = await refit('explain other/ledger', fakeStore({ decisions: [unwatched] }))
    expect(out).toContain('no policy selects it: add one to refit.yaml')
    expect(out).toMatch(/\nnext: refit init --stdout --namespace other\n$/)
  })

  test('escape sequences of a registry stay out of the terminal', async () => {
    const evil = decision({ kind: 'candidate', reason: 'a\u001b[31mb', candidate: { tag: 'v1', digest: digest('1') } })
    const { out } = await refit('explain ledger', fakeStore({ decisions: [evil] }))
    expect(out).not.toContain('\u001b')
  })

  test('a tag that is written wrong is answered with the one that is meant', async () => {
    const run = await refit('explain ledger --tag v1.0.11', fakeStore({ decisions: [found] }))
    expect(run).toMatchObject({ code: 5, err: expect.stringContaining('Did you mean v1.0.1') })
  })

  test.each([
    ['explain nobody', 5],
    ['explain ledger --tag v9', 5],
    ['explain', 2],
  ])('%s exits %i', async (line, code) => {
    expect((await refit(line, fakeStore({ decisions: [found] }))).code).toBe(code)
  })
})
