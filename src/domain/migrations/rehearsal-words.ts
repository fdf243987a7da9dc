import { clean, wordList } from '../text'
import type { KnexSource } from '../policy'
import type { Answer } from './answer'
import type { PlannedFinding, PlannedRehearsal, PlannedRehearsalFile } from './planned-rehearsal'

type Rehearsed = Pick<KnexSource, 'overrides' | 'backup' | 'directory'> & { rehearsal?: PlannedRehearsal | undefined }

const words: Record<Answer, string> = {
  go: 'may go',
  'needs-window': 'needs a window',
  'needs-override': 'needs an override',
  refused: 'is refused',
}

const mostFindings = 5
export const notRehearsed = 'not rehearsed: nobody has seen what these files do to the database'

/** What was seen of a migration before anybody is asked: a line per file, and one per reason below it. */
export function rehearsalLines({ rehearsal, overrides = [] }: Rehearsed): string[] {
  if (!rehearsal) return [notRehearsed]
  if (rehearsal.files.length === 0) return ['rehearsed: the database has applied every file already']
  return [
    ...rehearsal.files.flatMap((file) => fileLines(file, overrides.includes(file.path))),
    ...(rehearsal.isFaithful === false
      ? ['the statements, run one by one, came to another schema than the files: overridden in refit.yaml']
      : []),
  ]
}

function fileLines({ path, verdict, answer, findings = [] }: PlannedRehearsalFile, isOverridden: boolean): string[] {
  const override = isOverridden && answer !== 'go' ? ', overridden in refit.yaml' : ''
  const shown = distinct(findings)
  return [
    `rehearsed ${path}: ${verdict}, ${words[answer]}${override}`,
    ...shown
      .slice(0, mostFindings)
      .map(({ why, safe }) => `  ${clean(why, 300)}${safe ? ` (${safe.replace(/\.$/, '')})` : ''}`),
    ...(shown.length > mostFindings ? [`  and ${shown.length - mostFindings} more`] : []),
  ]
}

const distinct = (findings: readonly PlannedFinding[]): PlannedFinding[] =>
  findings.filter(({ why }, index) => findings.findIndex((each) => each.why === why) === index)

/** One sentence for a question that has to fit a phone; empty where nothing is migrated by files. */
export function rehearsalSentence(migrations: readonly Rehearsed[]): string {
  const parts = migrations.map(({ rehearsal, directory, overrides = [] }) => {
    if (!rehearsal) return `The migrations of ${directory} are NOT rehearsed.`
    const notable = rehearsal.files.filter(({ answer }) => answer !== 'go')
    if (notable.length === 0) return rehearsal.files.length === 0 ? '' : 'The migrations were rehearsed: nothing heavy.'
    const each = notable.map(({ path, verdict, answer, findings = [] }) => {
      const worst = findings.find((finding) => finding.answer === answer)
      const how = overrides.includes(path) ? 'overridden' : words[answer]
      return `${path} is ${verdict} and ${how}${worst ? ` (${clean(worst.why, 200)})` : ''}`
    })
    return `The migrations were rehearsed: ${wordList(each)}.`
  })
  return parts.filter(Boolean).join(' ')
}
