import { openSimulatedHub, simulatedConfig, type SimulatedHub } from '../support/simulated-hub'

const names = ['first', 'second', 'third']
let hub: SimulatedHub
beforeAll(async () => {
  hub = await openSimulatedHub(`${simulatedConfig({ approve: names })}upgradesAtOnce: 1\n`)
  await hub.startWorker()
})
afterAll(() => hub.close())

test('no more upgrades are under way at once than refit.yaml says; who is in line says so, and is called', async () => {
  await Promise.all(names.map((name) => hub.deploy(name)))
  // The new pods of the first never get ready, so that it is under way until its stall.
  await hub.push('first', 'v1.1.0-never-ready.1')
  await hub.upgradeWhere('first', ({ phase }) => phase === 'approval')
  await hub.refit('approve', 'first/first', '--yes')
  await hub.upgradeWhere('first', ({ phase }) => phase === 'rollout')

  for (const name of ['second', 'third']) await hub.push(name, 'v1.1.0')
  for (const name of ['second', 'third']) {
    await hub.upgradeWhere(name, ({ phase }) => phase === 'approval')
    await hub.refit('approve', `${name}/${name}`, '--yes')
  }
  const waiting = await hub.upgradeWhere('second', ({ phase }) => phase === 'window')
  expect(waiting.waitingFor).toBe('a turn, because upgradesAtOnce is 1 and as many are under way')

  // By themselves they would look again in ten minutes.
  await hub.upgradeWhere('first', ({ outcome }) => outcome === 'rolled-back')
  for (const name of ['second', 'third']) await hub.upgradeWhere(name, ({ outcome }) => outcome === 'succeeded')
})
