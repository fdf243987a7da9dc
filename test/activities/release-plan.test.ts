/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import type { Dependencies } from '../../src/activities/dependencies'
import { migrationsHash } from '../../src/activities/promoted'
import { plan } from '../../src/activities/plan'
import { planRelease } from '../../src/activities/release-plan'
import type { PromotionAsked } from '../../src/domain/promotion'
import type { ReleaseRules, ReleaseStep } from '../../src/domain/release'
import type { FoundSignature } from '../../src/clients/registry/signatures'
import { digest, planOf, policy } from '../domain/fixtures'
import { keySigner, payloadOf } from '../support/signer'
import { run, type World, world } from './support'

const away: PromotionAsked = { kind: 'error', message: 'ECONNREFUSED' }
const proved: PromotionAsked = {
  kind: 'answer',
  answer: {
    hub: { name: 'staging', environment: 'test' },
    at: '2026-11-24T12:00:00Z',
    upgrades: [
      {
        ...{ namespace: 'hub', service: 'ledger', planHash: '1a2b3c4d5e6f', from: 'v1.0.0', to: 'v1.0.1' },
        ...{ migrations: '', succeededAt: '2026-11-01T00:00:00Z', replacedAt: null, runs: true },
      },
    ],
  },
}
const promoted = policy({ promote: { from: 'staging', bakedForMs: 0 } })
const candidate = { tag: 'v1.0.1', digest: digest('b') }
const asked = { releaseId: 'r-1', release: '17.1.0' }
const child = { namespace: 'hub', service: 'ledger', candidate, release: { id: 'r-1', name: '17.1.0' } }

/** A release of one service, of which a store remembers the plan and the rules. */
function hub(
  answer: PromotionAsked,
  releases: ReleaseRules = { approval: 'once', onFailure: 'rollback' },
): World & { rules(next: ReleaseRules): void; planned: ReleaseStep[] } {
  const fake = world({ plan: planOf({ policy: promoted }) })
  const planned: ReleaseStep[] = []
  let kept: { hash: string | null; rules: ReleaseRules | null } = { hash: null, rules: null }
  const row = () => ({
    ...{ id: 'r-1', name: '17.1.0', definition: 'd', phase: 'plan', outcome: null, ...kept },
    ...{ requestedBy: 'ana', requestedVerified: false, approvedAt: new Date(0) },
  })
  fake.deps = {
    ...fake.deps,
    config: { ...fake.deps.config, policies: [promoted], releases },
    promotions: { ask: async () => answer, close: async () => undefined },
  }
  Object.assign(fake.deps.registry, { digestOf: async () => digest('b') })
  Object.assign(fake.deps.kubernetes, { observeServices: async () => (fake.service ? [fake.service] : []) })
  Object.assign(fake.deps.store, {
    quarantine: { list: async () => [] },
    plans: { save: async () => 'abcdef123456', read: async () => fake.plan },
    releases: {
      read: async () => row(),
      definition: async () => ({ release: '17.1.0', services: { 'hub/ledger': 'v1.0.1' }, requires: {}, order: [] }),
      plan: async (_: string, steps: ReleaseStep[], rules: ReleaseRules) => {
        kept = { hash: '0123456789ab', rules }
        planned.push(...steps)
        return row()
      },
      services: async () =>
        planned.map(({ name, ...step }) => ({ ...step, service: name, upgradeId: null, outcome: null, verdict: null })),
      opened: async () => undefined,
    },
  })
  Object.assign(fake.deps.store.upgrades, {
    listOpen: async () => [],
    listHeld: async () => [],
    open: async () => ({ id: 'abcdef123456-1' }),
  } satisfies Partial<Record<keyof Dependencies['store']['upgrades'], unknown>>)
  return Object.assign(fake, {
    planned,
    rules: (next: ReleaseRules) => (fake.deps.config = { ...fake.deps.config, releases: next }),
  })
}

test('a release is refused for what has not proved itself where its policy wants it to', async () => {
  expect(await run(planRelease(hub(away).deps), asked)).toEqual({
    kind: 'refused',
    reason:
      "hub/ledger: v1.0.1 waits for staging, which can't be asked: ECONNREFUSED. It must succeed on staging first, or leave the service out.",
  })
})

test('what another hub proves is planned, and asked of it once: its upgrade goes on while that hub is away', async () => {
  const fake = hub(provedHere())
  expect(await run(planRelease(fake.deps), asked)).toMatchObject({ kind: 'planned' })
  fake.deps.promotions.ask = async () => away
  expect(await run(plan(fake.deps), child)).toMatchObject({ kind: 'planned', plan: { approvalRequired: false } })
})

describe('signatures', () => {
  const publisher = keySigner()
  const rules = policy({ signatures: [publisher.rule] })
  const signed = (found: FoundSignature[]): World => {
    const fake = hub(proved)
    Object.assign(fake.deps, { config: { ...fake.deps.config, policies: [rules] } })
    Object.assign(fake.deps.registry, { signatures: async () => found })
    return fake
  }
  const own = { namespace: 'hub', service: 'ledger', candidate }

  test('what is signed is planned, in a release and by itself', async () => {
    const fake = signed([publisher.simple(payloadOf(candidate.digest))])
    Object.assign(fake.deps.store.upgrades, { rejectedDigest: async () => undefined })
    expect(await run(planRelease(fake.deps), asked)).toMatchObject({ kind: 'planned' })
    expect(await run(plan(fake.deps), own)).toMatchObject({ kind: 'planned' })
  })

  test('of what is not no plan is opened, also where a person asks for it', async () => {
    const fake = signed([])
    Object.assign(fake.deps.store.upgrades, {
      rejectedDigest: async () => undefined,
      open: async () => Promise.reject(new Error('it was opened')),
    })
    const reason = expect.stringContaining('v1.0.1 is not signed; the policy wants a signature by the key') as string
    expect(await run(planRelease(fake.deps), asked)).toMatchObject({ kind: 'refused', reason })
    expect(await run(plan(fake.deps), own)).toMatchObject({ kind: 'refused', reason })
  })
})

test('how it asks and what its failure means is frozen with its plan, whatever refit.yaml says afterwards', async () => {
  const fake = hub(provedHere())
  expect(await run(planRelease(fake.deps), asked)).toMatchObject({ plan: { onFailure: 'rollback' } })
  fake.rules({ approval: 'each', onFailure: 'hold' })
  expect(await run(planRelease(fake.deps), asked)).toMatchObject({
    plan: { onFailure: 'rollback', approvalRequired: true },
  })
  expect(await run(plan(fake.deps), child)).toMatchObject({ kind: 'planned', plan: { approvalRequired: false } })
})

/** The other hub ran the same migrations. */
function provedHere(): PromotionAsked {
  if (proved.kind !== 'answer') return proved
  const upgrades = proved.answer.upgrades.map((each) => ({ ...each, migrations: migrationsHash([]) }))
  return { ...proved, answer: { ...proved.answer, upgrades } }
}
