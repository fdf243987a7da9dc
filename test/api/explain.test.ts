import { config, decision, digest } from '../operations/support'
import { memoryStore, serve } from './support'

const decided = {
  'hub/ledger': decision({
    kind: 'candidate',
    holdUntil: undefined,
    candidate: {
      tag: 'v1.0.1',
      digest: digest('1'),
      security: 'CVE-2026-1',
      since: { at: 1_000, source: 'publisher' },
      changes: {
        source: 'https://github.com/a/b',
        compare: 'https://github.com/a/b/compare/v1.0.0...v1.0.1',
        created: 5,
      },
    },
    tags: [
      { tag: 'v1.0.1', verdict: 'chosen', reason: 'newest' },
      { tag: 'v1.0.0', verdict: 'running', reason: 'runs now' },
    ],
  }),
}
const { store } = memoryStore({}, decided)
const ask = async (url: string, isLocal = true) =>
  (await serve({ store, policies: config.policies, isLocal })).app.inject(url)

test('it is what refit explain -o json prints', async () => {
  const answer = await ask('/explain/hub/ledger')
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toMatchObject({
    namespace: 'hub',
    service: 'ledger',
    decision: { kind: 'candidate', candidate: decided['hub/ledger'].candidate },
    policy: { name: 'core', position: 1, mode: 'approve', strategy: 'bugfix' },
    window: { kind: 'open' },
    tags: decided['hub/ledger'].tags,
  })
})

test('one tag of it', async () => {
  expect((await ask('/explain/hub/ledger?tag=v1.0.0')).json()).toMatchObject({ tags: [{ verdict: 'running' }] })
})

test.each([
  ['/explain/hub/nobody', 'SERVICE_UNKNOWN'],
  ['/explain/hub/ledger?tag=v9', 'REGISTRY_NOT_FOUND'],
])('%s is 404 %s', async (url, code) => {
  const answer = await ask(url)
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, code])
})

test('where others than this machine could ask it needs a token', async () => {
  const answer = await ask('/explain/hub/ledger', false)
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([401, 'UNAUTHENTICATED'])
})
