import { scanAlerts } from '../../src/domain/scan-alerts'
import type { SignatureRule, SignatureVerdict } from '../../src/domain/signature'
import { decided, digest, now, planOf, policy } from './fixtures'

const rule: SignatureRule = { kind: 'key', pem: 'PEM', sha256: 'ab'.repeat(32) }
const tags = { kind: 'list' as const, tags: ['v1.0.0', 'v1.0.1', 'v1.0.2'] }
const digestOf = (tag: string) => digest(tag === 'v1.0.0' ? 'a' : tag === 'v1.0.1' ? 'b' : 'c')
const watched = { policy: policy({ signatures: [rule] }), tags }
const signed: SignatureVerdict = { kind: 'signed', by: 'the key sha256:abababababab' }
const unsigned: SignatureVerdict = { kind: 'held', verdict: 'unsigned', reason: 'is not signed' }
const bad: SignatureVerdict = {
  kind: 'held',
  verdict: 'bad-signature',
  reason: "has a signature that can't be trusted",
}

test('a candidate that is not signed is held with the reason, and looked at again', () => {
  const { decision, revisitAt } = decided(watched, { digestOf, signatureOf: () => unsigned })
  expect(decision).toMatchObject({
    ...{ kind: 'held', holds: ['unsigned'], candidate: { tag: 'v1.0.2' } },
    reason: 'v1.0.2 is not signed; v1.0.1 is not signed',
  })
  expect(decision.tags.find(({ tag }) => tag === 'v1.0.2')).toMatchObject({ verdict: 'unsigned' })
  expect(decision.badSignatures).toBeUndefined()
  expect(revisitAt).toBe(now)
})

test('a signed one is offered, and it is said by whom', () => {
  const { decision } = decided(watched, { digestOf, signatureOf: () => signed })
  expect(decision).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.0.2', signedBy: signed.by } })
  expect(decision.reason).toContain('it is signed by the key sha256:abababababab')
})

test('nobody looks at signatures where the policy has none', () => {
  const signatureOf = jest.fn()
  const { decision } = decided({ tags }, { digestOf, signatureOf })
  expect(decision).toMatchObject({ kind: 'candidate', candidate: { tag: 'v1.0.2' } })
  expect(decision.candidate).not.toHaveProperty('signedBy')
  expect(signatureOf).not.toHaveBeenCalled()
})

test('a bad signature is passed over for an older signed one, and pages nevertheless', () => {
  const { decision } = decided(watched, { digestOf, signatureOf: (each) => (each === digest('c') ? bad : signed) })
  expect(decision).toMatchObject({
    ...{ kind: 'candidate', candidate: { tag: 'v1.0.1' } },
    badSignatures: [{ digest: digest('c'), reason: "v1.0.2 has a signature that can't be trusted" }],
  })
  const pages = newsOf(decision).filter(({ level }) => level === 'page')
  expect(pages).toHaveLength(1)
  expect(pages[0]).toMatchObject({ news: { 'signature/hub/ledger': digest('c') } })
  expect(pages[0]?.text).toContain('refit explain hub/ledger')
})

test('what is only unsigned pages nobody, and settles what was paged before', () => {
  const { decision } = decided(watched, { digestOf, signatureOf: () => unsigned })
  const news = newsOf(decision)
  expect(news.some(({ level }) => level === 'page')).toBe(false)
  expect(news.flatMap(({ settles }) => Object.entries(settles ?? {}))).toContainEqual(['signature/hub/ledger', 'ok'])
})

test('a registry that is away for one scan does not make an old page news again', () => {
  const { decision } = decided({ ...watched, tags: { kind: 'error', code: 'REGISTRY_UNAVAILABLE', message: 'away' } })
  expect(newsOf(decision).flatMap(({ settles }) => Object.keys(settles ?? {}))).not.toContain('signature/hub/ledger')
})

test('who must have signed is part of the plan, so that a change of it voids an approval', () => {
  const plan = planOf({ policy: policy({ signatures: [rule] }) })
  expect(plan.policy.signatures).toEqual([`cosign key sha256:${rule.sha256}`])
  expect(planOf().policy).not.toHaveProperty('signatures')
})

const newsOf = (decision: ReturnType<typeof decided>['decision']) =>
  scanAlerts({
    ...{ hub: { name: 'green-hub', environment: 'test' }, config: { policies: [watched.policy], supported: [] } },
    ...{ decisions: [decision], moving: new Set<string>(), services: new Map(), complete: true, scanId: 's', now },
  })
