import { type ChaosHub, openChaosHub } from '../../bench/chaos/hub'
import { Rounds, unexpected } from '../../bench/chaos/matrix'
import { onePointPerStep } from '../../bench/chaos/steps'

let chaos: ChaosHub
beforeAll(async () => {
  chaos = await openChaosHub({ soon: true })
  chaos.worker.start()
}, 300_000)
afterAll(() => chaos?.close(), 60_000)

test('killed once in every step of every workflow: all end as if nothing had happened, and nothing is done twice', async () => {
  const points = onePointPerStep()
  const lines: string[] = []
  const { violations, kills } = await new Rounds(chaos, (line) => lines.push(line)).play('each step', points)
  expect({ violations, lines: violations.length > 0 ? lines : [] }).toEqual({ violations: [], lines: [] })
  // A step that is new and that no story reaches shows here.
  expect(chaos.points.killed().sort()).toEqual([...points].sort())
  expect(kills).toBe(points.length)
  expect(unexpected(chaos.points.reached())).toEqual([])
}, 900_000)
