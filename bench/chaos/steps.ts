import { createActivities } from '../../src/activities'
import type { Dependencies } from '../../src/activities/dependencies'
import * as workflows from '../../src/workflows'
import { type Point, pointName, type When, whens } from './switch'
import { taskStep } from './tasks'

/** Points that no story reaches, each with its reason; the matrix fails for any other one, and for one of these that is reached. */
export const unreachable: Readonly<Record<string, string>> = {
  scanHub: 'only workflows of builds before scans went in batches ask for it; the steps in it are points of their own',
  data: 'only data workflows of builds before the data desk ask for it; backfill and contract are points of their own',
  pageData:
    'asked for by data workflows of earlier builds, or while one of another plan runs; it only writes the outbox',
}

/** Steps that write to nobody but Temporal, or to nobody at all, so that there is no inside to die in. */
export const readsOnly: ReadonlySet<string> = new Set([
  ...['window', 'readVote', 'dataLeft', 'usersOfSchema', 'backupForContract'],
  ...['makeRoom', 'releaseWindow', 'watchUpgrade', 'begunServices', 'releaseSays'],
])

/** Every step there is: the keys of Refit's own activities, and the tasks of its own workflows. */
export function stepsOfCode(): { activities: string[]; tasks: string[] } {
  const nothing: object = new Proxy({}, { get: () => nothing })
  return {
    activities: Object.keys(createActivities(nothing as Dependencies)),
    tasks: Object.keys(workflows).map(taskStep),
  }
}

/** Every point that the stories must reach. */
export function pointsOfCode(): Point[] {
  const { activities, tasks } = stepsOfCode()
  const of = (step: string, all: readonly When[]): Point[] => all.map((when) => ({ step, when }))
  return [
    ...activities
      .filter((step) => !(step in unreachable))
      .flatMap((step) => of(step, readsOnly.has(step) ? ['before', 'after'] : whens)),
    ...tasks.flatMap((step) => of(step, ['before', 'after'])),
  ]
}

/** One point per step: where it is half done, or else done and not yet told. */
export function onePointPerStep(): string[] {
  const points = pointsOfCode()
  const steps = [...new Set(points.map(({ step }) => step))]
  return steps.map((step) => {
    const half = points.some((each) => each.step === step && each.when === 'inside')
    return pointName({ step, when: half ? 'inside' : 'after' })
  })
}
