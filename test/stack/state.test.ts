import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attach, status } from '../../stack'
import { stackDirectory } from '../../stack/paths'
import { choosePorts } from '../../stack/ports'
import { readState, writeState, type StackState } from '../../stack/state'

const folder = mkdtempSync(join(tmpdir(), 'refit-state-'))
const former = process.env.XDG_STATE_HOME

beforeAll(() => {
  process.env.XDG_STATE_HOME = folder
})

afterAll(() => {
  if (former === undefined) delete process.env.XDG_STATE_HOME
  else process.env.XDG_STATE_HOME = former
  rmSync(folder, { recursive: true, force: true })
})

async function makeState(name: string): Promise<StackState> {
  const state = { name, node: 'simulated', owner: 'test', password: 'secret', processes: {} } as unknown as StackState
  await choosePorts(name, (ports) => {
    state.ports = ports
    writeState(stackDirectory(name), state)
  })
  return state
}

test('reads what it wrote, and nobody else reads the password', async () => {
  const state = await makeState('one')
  expect(readState(stackDirectory('one'))).toEqual(state)
  expect(statSync(join(stackDirectory('one'), 'stack.json')).mode & 0o077).toBe(0)
})

test('two stacks share no port, and keep clear of NodePorts and ephemeral ports', async () => {
  const stacks = await Promise.all([makeState('two'), makeState('three')])
  const ports = stacks.flatMap((state) => Object.values(state.ports))
  expect(new Set(ports).size).toBe(ports.length)
  expect(Math.max(...ports)).toBeLessThan(30_000)
})

test('a name can not leave the folder', () => {
  for (const name of ['', '../x', 'a/b', 'UPPER', '-x'])
    expect(() => stackDirectory(name)).toThrow("can't name a stack")
})

test('a stack that does not run can not be attached', async () => {
  await makeState('four')
  await expect(attach('four')).rejects.toThrow('No stack "four" runs')
  await expect(attach('five')).rejects.toThrow('npm run stack -- up five')
  expect(await status('five')).toEqual([])
})
