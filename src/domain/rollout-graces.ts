import type { Graces } from './policy'

const second = 1_000
const minute = 60 * second

/**
 * How long a sign may last. Ten seconds where nothing heals it but a change by a person: enough for a second look of the
 * kubelet, short enough that an upgrade fails in seconds.
 */
const usual: Record<keyof Graces, number> = {
  imageName: 0,
  imageRefused: 10 * second,
  imagePull: 5 * minute,
  containerStart: 10 * second,
  crashLoop: 12 * second,
  admission: 10 * second,
  quota: 10 * second,
  unschedulable: 12 * second,
  scaleUp: 5 * minute,
  capacity: 10 * second,
}

/** What heals without a person: a busy registry answers again, a cluster that grows gets its node. No stall cuts these short. */
const heals: ReadonlySet<keyof Graces> = new Set(['imagePull', 'scaleUp'])

export type GraceOf = (key: keyof Graces, otherwise?: number) => number

/**
 * The grace of each rule, ms: what the policy says; else the rule's own (or `otherwise`), which is never longer than
 * `stallMs` unless the sign heals by itself.
 */
export const gracesOf =
  ({ graces = {}, stallMs }: { graces?: Graces | undefined; stallMs: number }): GraceOf =>
  (key, otherwise = usual[key]) =>
    graces[key] ?? (heals.has(key) ? otherwise : Math.min(otherwise, stallMs))
