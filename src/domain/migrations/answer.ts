import type { MigrationPhase } from '../migration'
import type { Finding } from './finding'
import { type SizeBand, sizeBand, type TableSizes } from './size-band'

/** What follows from a verdict and the sizes of production, from the best to the worst. */
export const answers = ['go', 'needs-window', 'needs-override', 'refused'] as const
export type Answer = (typeof answers)[number]

const bySize: Record<SizeBand, Answer> = {
  small: 'go',
  medium: 'needs-window',
  unknown: 'needs-window',
  large: 'needs-override',
  huge: 'refused',
}

/** The answer to one reason. A file outside the folders of the phases has no phase: a person decides. */
export function answerTo(finding: Finding, phase: MigrationPhase | undefined, sizes: TableSizes): Answer {
  const band = sizeBand(finding.table === undefined ? undefined : sizes.get(finding.table))
  switch (finding.verdict) {
    case 'note':
      return finding.rule === 'tightens' && phase !== 'contract' ? 'needs-override' : 'go'
    case 'heavy':
      if (finding.grows) return bySize[band]
      return band === 'small' ? 'go' : 'needs-window'
    case 'breaks-old-code':
      if (phase === 'contract') return 'go'
      return phase === undefined ? 'needs-override' : 'refused'
    case 'irreversible':
      return phase === 'contract' ? 'needs-window' : 'needs-override'
    case 'fails':
      return 'refused'
  }
}

/** The worst of some answers; `go` when there is none. */
export const worstAnswer = (all: readonly Answer[]): Answer =>
  all.reduce((worst, each) => (answers.indexOf(each) > answers.indexOf(worst) ? each : worst), 'go')
