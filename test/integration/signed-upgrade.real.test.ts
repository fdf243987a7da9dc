import type { UpgradeRow } from '../../src/store/contracts'
import { pushSignatures } from '../support/push-signature'
import { keySigner, payloadOf } from '../support/signer'
import { openSimulatedHub, simulatedConfig, type SimulatedHub, until } from '../support/simulated-hub'

const publisher = keySigner()
const stranger = keySigner()
const signatures = `    signatures: [{ cosign: { key: ${JSON.stringify(publisher.pem)} } }]`
let hub: SimulatedHub
let digest: string
beforeAll(async () => {
  const config = simulatedConfig({ approve: ['signed'] })
  hub = await openSimulatedHub(config.replace('    mode: approve\n', `    mode: approve\n${signatures}\n`))
  await hub.deploy('signed')
  digest = await hub.push('signed', 'v1.1.0')
  await hub.startWorker()
})
afterAll(() => hub?.close())

const waits = ({ phase, waitingFor, outcome }: UpgradeRow) => phase === 'approval' && waitingFor !== '' && !outcome
const decided = () => hub.store.decisions.read({ namespace: 'signed', service: 'signed' })
const heldFor = (hold: string) =>
  until(async () => {
    const decision = await decided()
    return decision?.holds?.some((each) => each === hold) && decision
  })
const sign = (by: typeof publisher) =>
  pushSignatures({ host: hub.stack.registry.host, repository: 'hub/signed', digest }, [by.simple(payloadOf(digest))])

async function takeSignatureAway(): Promise<void> {
  const url = `http://${hub.stack.registry.host}/v2/hub/signed/manifests/${digest.replace(':', '-')}.sig`
  expect((await fetch(url, { method: 'DELETE' })).status).toBe(202)
}

async function approve(): Promise<UpgradeRow> {
  const row = await hub.upgradeWhere('signed', waits)
  const said = await hub.refit('approve', 'signed/signed', '--plan', row.planHash, '--by', 'ana', '--yes')
  expect(said).toMatchObject({ code: 0 })
  return hub.upgradeWhere('signed', ({ id, outcome }) => id === row.id && outcome !== null)
}

test('what nobody signed is held, and what somebody else signed pages once', async () => {
  expect(await heldFor('unsigned')).toMatchObject({ kind: 'held', candidate: { tag: 'v1.1.0', digest } })
  expect((await hub.refit('explain', 'signed/signed')).output).toContain('v1.1.0 is not signed')

  await sign(stranger)
  expect(await heldFor('bad-signature')).toMatchObject({ badSignatures: [{ digest }] })
  await hub.scanned()
  await hub.scanned()
  const pages = await hub.query<{ title: string }>(
    "select alert->>'title' as title from outbox where alert->>'level' = 'page'",
  )
  expect(pages).toEqual([{ title: "signed/signed: a signature that can't be trusted" }])
  expect(await hub.store.upgrades.listOpen()).toEqual([])
})

test('a signature that is gone when the upgrade would start refuses it before the first write', async () => {
  await sign(publisher)
  await hub.upgradeWhere('signed', waits)
  await takeSignatureAway()
  await heldFor('unsigned')
  expect(await approve()).toMatchObject({ outcome: 'refused', message: expect.stringContaining('is not signed') })
  expect(await hub.image('signed')).toBe('hub/signed:v1.0.0')
  expect(await hub.writes('signed')).toEqual([])
})

test('what is signed is planned anew, approved and rolled out with the digest that was signed', async () => {
  await sign(publisher)
  expect(await approve()).toMatchObject({ outcome: 'succeeded', toDigest: digest })
  expect(await hub.image('signed')).toBe(`hub/signed:v1.1.0@${digest}`)
  const [plan] = await hub.query<{ signatures: string[] }>(
    "select body->'policy'->'signatures' as signatures from plan limit 1",
  )
  expect(plan?.signatures).toEqual([`cosign key sha256:${publisher.rule.sha256}`])
})
