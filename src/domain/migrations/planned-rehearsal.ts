import type { MigrationPhase } from '../migration'
import { type PlanRefusal, refused } from '../plan-objections'
import type { Answer } from './answer'
import type { Finding, Verdict } from './finding'
import type { Tightening } from './tightening'

/** What a plan keeps of a reason. */
export type PlannedFinding = Pick<Finding, 'rule' | 'table' | 'why' | 'safe'> & { answer: Answer }

export interface PlannedRehearsalFile {
  path: string
  verdict: Verdict
  answer: Answer
  transaction?: boolean
  /** fingerprints of the schema by which a run after a kill is judged */
  before: string
  after: string
  /** absent when there is none */
  findings?: PlannedFinding[]
  /** rules that rows of production may break; absent when there is none */
  tightens?: Tightening[]
}

/** What the rehearsal of a plan's migrations said, as far as it binds an approval. */
export interface PlannedRehearsal {
  /** of all that was said of the files */
  digest: string
  verdict: Verdict
  answer: Answer
  /** those that the database has not applied yet, in order */
  files: PlannedRehearsalFile[]
  /** whether the replay came to the same schema as the run; absent when it did */
  isFaithful?: false
}

/** Overrides that are no files. */
export const otherOverrides = { copy: 'copy-differs', replay: 'replay-differs' } as const

/** Why a plan can't go on with what its rehearsal said. */
export function rehearsalObjection(
  { files, isFaithful }: PlannedRehearsal,
  {
    overrides = [],
    hasWindows,
    asksBeforeContract = false,
  }: {
    overrides?: readonly string[] | undefined
    hasWindows: boolean
    /** then a person says when contract runs */
    asksBeforeContract?: boolean
  },
): PlanRefusal | undefined {
  for (const file of files) {
    const objection = fileObjection(
      file,
      overrides.includes(file.path),
      hasWindows || (asksBeforeContract && file.path.startsWith('contract/')),
    )
    if (objection) return objection
  }
  if (isFaithful === false && !overrides.includes(otherOverrides.replay))
    return refused(
      'the statements of the rehearsal, run one by one, came to another schema than the migrations themselves, so what it says of locks may be wrong',
      `Look at the files, then write overrides: [${otherOverrides.replay}] beside them in refit.yaml.`,
    )
  return undefined
}

function fileObjection(
  { path, answer, findings = [] }: PlannedRehearsalFile,
  isOverridden: boolean,
  hasWindows: boolean,
): PlanRefusal | undefined {
  const worst = findings.find((each) => each.answer === answer)
  const why = `${path}: ${worst?.why ?? 'it was judged so'}`
  const safe = worst?.safe ? `${worst.safe} ` : ''
  if (answer === 'refused') return refused(`the rehearsal refuses it: ${why}`, `${safe}Then run refit scan.`)
  if (isOverridden) return undefined
  const takeUpon = `take it upon you with overrides: [${path}] beside the migration in refit.yaml.`
  if (answer === 'needs-override')
    return refused(`the rehearsal wants a person to take this upon them: ${why}`, `${safe}Or ${takeUpon}`)
  if (answer === 'needs-window' && !hasWindows)
    return refused(
      `the rehearsal wants a window for this, and the policy has none: ${why}`,
      `${safe}Or write windows in the policy, or ${takeUpon}`,
    )
  return undefined
}

/** Whether what runs before the rollout deserves a proven backup: it was not rehearsed, or not judged harmless. */
export const isRisky = (rehearsal: PlannedRehearsal | undefined): boolean =>
  rehearsal === undefined ||
  rehearsal.files.some(
    ({ path, answer }) => path.startsWith('expand/' satisfies `${MigrationPhase}/`) && answer !== 'go',
  )
