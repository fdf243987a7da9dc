import { createContext, type Context } from '../../stack/context'
import { part, selectParts } from '../../stack/parts'
import { auditPolicy } from '../../stack/parts/apiserver'
import { failures, podStages } from '../../stack/parts/stages'
import { portNames, type PortName } from '../../stack/ports'
import { partNames, type NodeMode } from '../../stack/types'

const ports = Object.fromEntries(portNames.map((name, index) => [name, 20_000 + index])) as Record<PortName, number>

function contextOf(node: NodeMode): Context {
  const state = { name: 'test', node, owner: 'test', ports, password: 'secret', processes: {} }
  return createContext('/state/test', state, () => undefined)
}

test('a part comes with everything it needs', () => {
  expect(selectParts('simulated', ['kwok']).map(({ name }) => name)).toEqual(['etcd', 'kube-apiserver', 'kwok'])
  expect(selectParts('simulated', ['temporal', 'postgres']).map(({ name }) => name)).toEqual(['temporal', 'postgres'])
})

test('simulated nodes need no part of a real node', () => {
  const names = selectParts('simulated').map(({ name }) => name)
  expect(names).toHaveLength(partNames.length - 3)
  expect(names).not.toContain('kubelet')
  expect(selectParts('real').map(({ name }) => name)).toEqual([...partNames])
})

test('no command names an address that other machines reach', () => {
  const simulated = selectParts('simulated').filter(({ name }) => name !== 'containerd')
  for (const entry of simulated) {
    const { args } = entry.command(contextOf('simulated'))
    expect(args.join(' ')).not.toMatch(/0\.0\.0\.0|\[::\]/)
  }
})

test('the API server of a real node binds the address that it advertises', () => {
  const args = part('kube-apiserver').command(contextOf('real')).args
  expect(args).toContain('--bind-address=10.250.0.1')
  expect(args).toContain('--advertise-address=10.250.0.1')
  expect(part('kube-apiserver').command(contextOf('simulated')).args).toContain('--bind-address=127.0.0.1')
})

test('the API server checks rights and writes an audit log', () => {
  const args = part('kube-apiserver').command(contextOf('simulated')).args
  expect(args).toContain('--authorization-mode=Node,RBAC')
  expect(args).toContain('--audit-log-path=/state/test/logs/audit.log')
  expect(auditPolicy.rules.at(-1)).toEqual({ level: 'Metadata' })
})

test('Temporal keeps its workflows in a file', () => {
  const args = part('temporal').command(contextOf('simulated')).args
  expect(args).toContain('--db-filename=/state/test/data/temporal/temporal.db')
})

test('of the stages for a fresh pod exactly one matches', () => {
  const keys = podStages().map((stage) => JSON.stringify(stage))
  for (const failure of failures) {
    // The failing stage wants the word, the normal one wants it absent.
    expect(keys.filter((text) => text.includes(failure)).length).toBeGreaterThanOrEqual(2)
  }
})
