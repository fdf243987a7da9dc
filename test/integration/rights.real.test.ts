import { upgradeWorkflowId } from '../../src/domain/temporal-names'
import type { UpgradeRow } from '../../src/store/contracts'
import { openSimulatedHub, simulatedConfig, type SimulatedHub, until } from '../support/simulated-hub'

let hub: SimulatedHub
beforeAll(async () => {
  hub = await openSimulatedHub(simulatedConfig({ approve: ['unplanned', 'halfway', 'blind'] }))
  await hub.startWorker()
})
afterAll(() => hub?.close())

const waits = ({ phase, waitingFor, outcome }: UpgradeRow) => phase === 'approval' && waitingFor !== '' && !outcome
const ended = ({ outcome }: UpgradeRow) => outcome !== null

interface Role {
  metadata: { name: string; namespace: string }
  rules: { resources: string[]; verbs: string[] }[]
}

/** Takes one verb on one resource from the worker, once the API server acts by it; returns how it is given back. */
async function takeAway(namespace: string, verb: string, resource: string): Promise<() => Promise<void>> {
  const role = JSON.parse(await hub.kubectl('-n', namespace, 'get', 'role', 'refit', '-o', 'json')) as Role
  const rules = role.rules.flatMap((rule) => {
    if (!rule.resources.includes(resource)) return [rule]
    const others = rule.resources.filter((each) => each !== resource)
    return [
      ...(others.length > 0 ? [{ ...rule, resources: others }] : []),
      { ...rule, resources: [resource], verbs: rule.verbs.filter((each) => each !== verb) },
    ]
  })
  const set = async (wanted: Role['rules'], answer: string) => {
    const { name } = role.metadata
    await hub.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name, namespace },
      rules: wanted,
    })
    const asked = ['-n', namespace, 'auth', 'can-i', verb, resource, '--as', 'system:serviceaccount:refit:refit']
    await until(async () => {
      const said = await hub.kubectl(...asked).catch((error: unknown) => String(error))
      return answer === 'yes' ? said.startsWith('yes') : !said.startsWith('yes')
    })
  }
  await set(rules, 'no')
  return () => set(role.rules, 'yes')
}

async function approve(name: string, { planHash }: UpgradeRow): Promise<void> {
  const vote = JSON.stringify({ by: 'ops@example.org', planHash })
  const id = upgradeWorkflowId(name, name)
  await hub.temporal('workflow', 'signal', '--workflow-id', id, '--name', 'approve', '--input', vote)
}

test('without the right to patch nobody is even asked: the refusal names it, and how to get it', async () => {
  await hub.deploy('unplanned')
  const giveBack = await takeAway('unplanned', 'patch', 'deployments')
  await hub.push('unplanned', 'v1.1.0')
  const told = await until(async () => {
    const rows = await hub.query<{ text: string }>('select to_jsonb(outbox)::text as text from outbox')
    return rows.map(({ text }) => text).find((text) => text.includes('unplanned') && text.includes('may not'))
  })
  expect(told).toContain("the worker's account may not patch deployments in unplanned. Grant it: refit permissions")
  expect(await hub.store.upgrades.list({ namespace: 'unplanned', service: 'unplanned', limit: 1 })).toEqual([])
  const doctor = await hub.refit('doctor', '-o', 'json')
  expect(doctor.output).toContain('not allowed: patch deployments in unplanned')

  await giveBack()
  await approve('unplanned', await hub.upgradeWhere('unplanned', waits))
  expect(await hub.upgradeWhere('unplanned', ended)).toMatchObject({ outcome: 'succeeded' })
})

test('a right that goes while an upgrade waits is missed before its first write', async () => {
  await hub.deploy('halfway')
  await hub.push('halfway', 'v1.1.0')
  const row = await hub.upgradeWhere('halfway', waits)
  const giveBack = await takeAway('halfway', 'list', 'replicasets')
  await approve('halfway', row)
  const end = await hub.upgradeWhere('halfway', ended)
  expect(end.outcome).not.toBe('succeeded')
  expect(end.message).toContain('may not list replicasets in halfway')
  expect([await hub.image('halfway'), await hub.writes('halfway')]).toEqual(['hub/halfway:v1.0.0', []])
  await giveBack()
})

test('a scan that may not list a namespace says so, and nothing is decided', async () => {
  await hub.deploy('blind')
  const giveBack = await takeAway('blind', 'list', 'statefulsets')
  const said = await hub.refit('scan')
  expect(said.code).not.toBe(0)
  expect(said.output).toContain('cannot list resource "statefulsets" in API group "apps" in the namespace "blind"')
  await giveBack()
  expect((await hub.scanned()).complete).toBe(true)
})
