/** What happens in a simulation, drawn from a seed: releases, what people do, what fails. */
import fc from 'fast-check'
import type { Behaviour } from '../made-up-cluster'

/** What somebody does about a plan that waits; `stale`: an answer to an earlier plan comes first. */
export type Answer = 'prompt' | 'late' | 'stale' | 'reject' | 'never'

export interface Story {
  releases: { service: number; minute: number; behaviour: Behaviour }[]
  /** taken in turn, one for each plan that asks */
  answers: { answer: Answer; afterMinutes: number }[]
  /** a registry that answers 503 for a while */
  outages: { minute: number; minutes: number }[]
  /** whether a receiver takes an alert; taken in turn */
  deliveries: ('taken' | 'refused' | 'taken-and-cut')[]
}

interface Wanted {
  seed: number
  days: number
  services: number
  releases: number
}

const weighted = <T extends string>(weights: Record<T, number>): fc.Arbitrary<T> =>
  fc.oneof(
    ...(Object.entries(weights) as [T, number][]).map(([value, weight]) => ({ weight, arbitrary: fc.constant(value) })),
  )

const exactly = <T>(count: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { minLength: count, maxLength: count })

/** The same seed tells the same story. Nothing is released on the last day, so that most of it comes to its end. */
export function storyOf({ seed, days, services, releases }: Wanted): Story {
  const minutes = (days - 1) * 1_440
  const story = fc.record<Story>({
    releases: exactly(
      releases,
      fc.record({
        service: fc.nat(services - 1),
        minute: fc.integer({ min: 60, max: minutes }),
        behaviour: weighted<Behaviour>({ healthy: 80, 'crash-loop': 12, 'image-pull': 8 }),
      }),
    ),
    answers: exactly(
      releases * 3,
      fc.record({
        answer: weighted<Answer>({ prompt: 62, late: 10, stale: 14, reject: 8, never: 6 }),
        afterMinutes: fc.integer({ min: 5, max: 600 }),
      }),
    ),
    outages: exactly(
      Math.ceil(days / 8),
      fc.record({ minute: fc.integer({ min: 600, max: minutes }), minutes: fc.integer({ min: 60, max: 900 }) }),
    ),
    deliveries: exactly(997, weighted({ taken: 75, refused: 20, 'taken-and-cut': 5 })),
  })
  return fc.sample(fc.noBias(story), { seed, numRuns: 1 })[0] as Story
}
