import { openSimulatedHub, simulatedConfig, type SimulatedHub } from '../support/simulated-hub'

let hub: SimulatedHub
beforeAll(async () => {
  hub = await openSimulatedHub(simulatedConfig({ approve: ['thaws'] }))
  await hub.startWorker()
})
afterAll(() => hub.close())

test('a freeze holds what was approved; when it is lifted the upgrade goes on at once, and both are told once', async () => {
  await hub.deploy('thaws')
  await hub.push('thaws', 'v1.1.0')
  await hub.upgradeWhere('thaws', ({ phase }) => phase === 'approval')
  for (const reason of ['incident 4711', 'again'])
    expect(await hub.refit('freeze', '--namespace', 'thaws', '--reason', reason)).toMatchObject({ code: 0 })
  await hub.refit('approve', 'thaws/thaws', '--yes')
  const frozen = await hub.upgradeWhere('thaws', ({ phase }) => phase === 'window')
  expect(frozen.waitingFor).toContain('incident 4711')
  expect((await hub.refit('status')).output).toMatch(/^FROZEN: namespace thaws.*incident 4711/)
  expect(await hub.writes('thaws')).toEqual([])

  // By itself it would look again in an hour.
  const { output } = await hub.refit('unfreeze', '--namespace', 'thaws', '--reason', 'over')
  expect(output).toContain('told to look again: 1')
  await hub.upgradeWhere('thaws', ({ outcome }) => outcome === 'succeeded')
  expect(await hub.image('thaws')).toContain('hub/thaws:v1.1.0@')
  const told = await hub.query<{ key: string }>(`select key from outbox where key like 'freeze/%' order by id`)
  expect(told.map(({ key }) => key.replace(/\d+/, 'N'))).toEqual(['freeze/N', 'freeze/N/lifted'])
})
