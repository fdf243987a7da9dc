import { type KnexOptions, knexDefaults } from './knex-list'
import { afterLatest, predictLatest, type AppliedMigrations, type Prediction } from './prediction'

/** The setting by which a service's documentation says that its start-up leaves migrations alone. */
export interface Switch {
  name: string
  value: string
}

/** Who runs a service's own migrations when a pod starts; nothing of it can be read from an image. */
export interface RunsMigrations {
  /** an init container of the pod, by its name */
  initContainer?: string
  /** the application, when it starts */
  startUp: boolean
  switch?: Switch
}

/** What happens to the running image's pods on the schema that the new image leaves, and what is to be done about it. */
export type RollbackAnswer =
  /** it starts: nothing is to be done. `pending` are migrations of its own that it would apply again on its way back */
  | { kind: 'starts'; pending: string[] }
  /** its migrations would refuse, but nothing runs them when a pod starts */
  | { kind: 'not-asked'; says: string }
  /** it would crash-loop, and starts with this done */
  | { kind: 'starts-with'; says: string; keepNew?: string; set?: Switch }
  | { kind: 'refused'; says: string; why: string }
  /** it would refuse; who runs the migrations is not known */
  | { kind: 'unknown'; says: string }

interface Question {
  /** the running image's files, in knex's order */
  old: readonly string[]
  /** the new image's */
  new: readonly string[]
  /** what the database has before the upgrade */
  applied: readonly string[]
  options?: KnexOptions
  runs?: RunsMigrations
}

/**
 * Whether the running image starts again once the new one's migrations are applied; the same is true of one of its pods
 * that is made anew in the middle of the rollout. Undoing migrations is no answer: some `down`s drop whole tables.
 */
export function rollbackAnswer({ old, new: next, applied, options = knexDefaults, runs }: Question): RollbackAnswer {
  const later: AppliedMigrations = { names: afterLatest(applied, next), locked: false }
  const prediction = predictLatest(old, later, options)
  if (prediction.kind === 'applies') return { kind: 'starts', pending: prediction.pending }
  if (!runs) return { kind: 'unknown', says: prediction.says }
  if (runs.initContainer === undefined && !runs.startUp) return { kind: 'not-asked', says: prediction.says }
  return answerFor(prediction, runs)
}

function answerFor(
  { says }: Extract<Prediction, { kind: 'refuses' }>,
  { initContainer, startUp, switch: by }: RunsMigrations,
): RollbackAnswer {
  if (startUp && !by)
    return {
      kind: 'refused',
      says,
      why: 'the old image migrates when it starts, and no documented switch of the service turns that off',
    }
  return {
    kind: 'starts-with',
    says,
    ...(initContainer === undefined ? {} : { keepNew: initContainer }),
    ...(startUp && by ? { set: by } : {}),
  }
}
