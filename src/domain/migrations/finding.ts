/** What a rehearsal says of a file or of all of them, from the best to the worst. */
export const verdicts = ['light', 'heavy', 'breaks-old-code', 'irreversible', 'fails'] as const
export type Verdict = (typeof verdicts)[number]

/** One reason. A `note` changes no verdict. */
export interface Finding {
  verdict: Exclude<Verdict, 'light'> | 'note'
  /** a short name that stays the same, for programs */
  rule: string
  /** counts the statements of the file, from 1 */
  statement?: number
  table?: string
  /** whether it takes the longer the larger the table is */
  grows?: boolean
  why: string
  /** the way to do it without this */
  safe?: string
}

/** The worst verdict of some findings. */
export function worstVerdict(findings: readonly Pick<Finding, 'verdict'>[]): Verdict {
  return findings.reduce<Verdict>(
    (worst, { verdict }) => (verdict !== 'note' && rank(verdict) > rank(worst) ? verdict : worst),
    'light',
  )
}

const rank = (verdict: Verdict): number => verdicts.indexOf(verdict)
