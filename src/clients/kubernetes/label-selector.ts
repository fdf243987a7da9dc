import { matches, type Selector } from './selector'
import type { LabelSelector } from './wire'

/** Whether a label selector selects what has these labels: an empty one everything, an absent one nothing. */
export const selects = (selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean =>
  selector !== undefined && matches(requirementsOf(selector), { ...labels })

const requirementsOf = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Selector => [
  ...Object.entries(matchLabels).map(([key, value]) => ({ key, values: [value], wanted: true })),
  ...matchExpressions.map(({ key, operator, values = [] }) => {
    const isExistence = operator === 'Exists' || operator === 'DoesNotExist'
    // An operator that nobody knows selects nothing.
    const isKnown = isExistence || operator === 'In' || operator === 'NotIn'
    return {
      key,
      values: isExistence ? undefined : isKnown ? values : [],
      wanted: operator !== 'DoesNotExist' && operator !== 'NotIn',
    }
  }),
]
