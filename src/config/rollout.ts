import { z } from 'zod'
import { graceKeys, type Graces } from '../domain/policy'
import { count, duration, object, oneOf, text } from './values'

const listOf = <T extends z.ZodType>(item: T) => z.array(item, { error: 'must be a list' })

const graces = object(
  Object.fromEntries(graceKeys.map((key) => [key, duration('0s').optional()])) as Record<
    keyof Graces,
    z.ZodOptional<ReturnType<typeof duration>>
  >,
)

const step = object({
  percent: count(1, 99).describe('of the pods that are new before it waits'),
  bake: duration('0s').default(60_000),
}).transform(({ percent, bake }) => ({ percent, bakeMs: bake }))

/** How workloads are rolled and judged. What is not written stays absent, so that plans of earlier builds keep their hash. */
export const rollout = object({
  bake: duration('0s').default(600_000),
  stall: duration('1s').default(120_000),
  deadline: duration('1s').default(600_000),
  maxUnavailable: count(0, 1_000).default(0),
  canary: count(0, 1).optional().describe('1: the first new pod is watched alone before the others are replaced'),
  canaryBake: duration('0s').optional().describe('how long it is watched alone; 30s when absent'),
  steps: listOf(step).optional().describe('after which shares of new pods the rollout waits'),
  graces: graces.optional().describe('how long a sign of failure may last'),
  order: listOf(text()).optional().describe('workloads by name, in the order in which they are rolled'),
  readinessProbe: oneOf(['required', 'optional']).optional(),
  drain: oneOf(['warn', 'required'])
    .optional()
    .describe('required: pods need a preStop hook, so that endpoints are withdrawn before they stop'),
  imageContract: oneOf(['required', 'warn'])
    .optional()
    .describe(
      'warn: WORKDIR, ENTRYPOINT, USER and ports of the new image may differ from what the workload says of them',
    ),
}).transform(({ bake, stall, deadline, canaryBake, graces: written, ...rest }) => ({
  bakeMs: bake,
  stallMs: stall,
  deadlineMs: deadline,
  ...rest,
  ...(canaryBake === undefined ? {} : { canaryBakeMs: canaryBake }),
  ...(written === undefined ? {} : { graces: written }),
}))
