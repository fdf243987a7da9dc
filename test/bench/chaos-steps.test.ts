import { faultsOf } from '../../bench/chaos/faults'
import { onePointPerStep, pointsOfCode, readsOnly, stepsOfCode, unreachable } from '../../bench/chaos/steps'
import { pointName } from '../../bench/chaos/switch'

const { activities, tasks } = stepsOfCode()

test('every activity and every workflow of the code is a step', () => {
  expect(activities).toEqual(expect.arrayContaining(['plan', 'preflight', 'rollout', 'contract', 'undoUpgrade']))
  expect(tasks.sort()).toEqual(
    ['data', 'digest', 'hints', 'release', 'scan', 'upgrade'].map((type) => `workflow-task-${type}`),
  )
})

test('what is left out is a step that exists, with its reason', () => {
  for (const [step, reason] of Object.entries(unreachable)) {
    expect(activities).toContain(step)
    expect(reason.length).toBeGreaterThan(20)
  }
  for (const step of readsOnly) expect(activities).toContain(step)
})

test('every step has points, and one of them is chosen for the short run', () => {
  const steps = new Set(pointsOfCode().map(({ step }) => step))
  expect(steps.size).toBe(activities.length + tasks.length - Object.keys(unreachable).length)
  expect(onePointPerStep()).toHaveLength(steps.size)
  expect(pointsOfCode().map(pointName)).toEqual(expect.arrayContaining(onePointPerStep()))
})

test('the same seed draws the same faults, another one others', () => {
  expect(faultsOf(7, 50)).toEqual(faultsOf(7, 50))
  expect(faultsOf(7, 50)).not.toEqual(faultsOf(8, 50))
})
