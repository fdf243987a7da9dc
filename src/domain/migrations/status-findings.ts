import { wordList } from '../text'
import type { RollbackAnswer } from './rollback-answer'
import type { Finding, MigrationsStatus } from './status'

/** What a person should know of a status, the gravest first, each with the next step. */
export function statusFindings(status: Omit<MigrationsStatus, 'findings'>): Finding[] {
  const order: Finding['level'][] = ['refused', 'warning', 'note']
  return [...forwards(status), ...backwards(status), ...changes(status), ...folders(status), ...path(status)].sort(
    (a, b) => order.indexOf(a.level) - order.indexOf(b.level),
  )
}

type Status = Omit<MigrationsStatus, 'findings'>

function forwards({ forwards: prediction, image, difference }: Status): Finding[] {
  if (prediction?.kind !== 'refuses') return []
  if (prediction.why === 'locked')
    return [
      refused(
        `knex will refuse to migrate: ${prediction.says}.`,
        'See whether a migration runs. If its process is gone, the lock was left behind: knex migrate:unlock in the service.',
      ),
    ]
  const names = difference?.renamed.filter(({ from }) => prediction.missing.includes(from)) ?? []
  const renames = names.map(({ from, to }) => `${from} is now called ${to}`)
  return [
    refused(
      `knex will refuse to migrate with ${image.image}: ${prediction.says}.${renames.length > 0 ? ` ${wordList(renames)}, with the same content.` : ''}`,
      renames.length > 0
        ? 'Take a release that has the applied name, or have the name in the list of applied migrations corrected by whoever owns the service.'
        : 'Take a release that has these files, or ask whoever owns the service what became of them.',
    ),
  ]
}

function backwards({ backwards: answer, from }: Status): Finding[] {
  if (!answer || !from) return []
  const would = `Going back, ${from.image} would refuse the newer schema`
  return findingOf(answer, would)
}

function findingOf(answer: RollbackAnswer, would: string): Finding[] {
  switch (answer.kind) {
    case 'starts':
      return answer.pending.length > 0
        ? [
            warning(
              `Going back, the old image would apply again what the new one lacks: ${shortList(answer.pending)}.`,
              'Look at what they do before you upgrade.',
            ),
          ]
        : []
    case 'not-asked':
      return [
        note(
          `${would}, but nothing runs its migrations when a pod starts.`,
          'Don’t run them by hand after a rollback.',
        ),
      ]
    case 'starts-with':
      return [warning(`${would} and crash-loop: ${answer.says}.`, `For a rollback ${stepsOf(answer)}.`)]
    case 'refused':
      return [
        refused(
          `${would} and crash-loop: ${answer.says}; ${answer.why}.`,
          'There is no way back by image: ask for a switch in the service, or plan the upgrade as one-way with a backup.',
        ),
      ]
    case 'unknown':
      return [
        warning(
          `${would}: ${answer.says}. Wherever its migrations run when a pod starts, that pod would crash-loop; so would an old pod that is made anew during the rollout.`,
          'Say who runs them: --init-container NAME, --start-up (with --switch NAME=VALUE where there is one), or --not-at-start.',
        ),
      ]
  }
}

function stepsOf({ keepNew, set }: Extract<RollbackAnswer, { kind: 'starts-with' }>): string {
  return wordList([
    ...(keepNew === undefined ? [] : [`keep the init container ${keepNew} on the new image`]),
    ...(set === undefined ? [] : [`set ${set.name}=${set.value} on the application first`]),
  ])
}

function changes({ difference, image }: Status): Finding[] {
  if (!difference) return []
  const { edited, outOfOrder, unknown } = difference
  return [
    ...(edited.length > 0
      ? [
          warning(
            `Edited since the running image: ${shortList(edited)}. knex keeps no hash: where they are applied, the edit never runs.`,
            'Compare the two versions; what the edit brings may need a migration of its own.',
          ),
        ]
      : []),
    ...(outOfOrder.length > 0
      ? [
          note(
            `Named before the newest of the running image: ${shortList(outOfOrder)}. knex applies them without a word, a new install in another order.`,
            'Rehearse them on a copy of the database, not on a new one.',
          ),
        ]
      : []),
    ...(unknown.length > 0
      ? [
          warning(
            `Of ${shortList(unknown)} the content can't be compared: they are links to what isn't read of ${image.image}.`,
            'Look at them in both images.',
          ),
        ]
      : []),
  ]
}

function folders({ image, from }: Status): Finding[] {
  return [image, ...(from ? [from] : [])].flatMap((each) => [
    ...(each.folder === null
      ? [
          warning(
            `No migrations were found in ${each.image}.`,
            'Name their folder with --path, or know that there are none.',
          ),
        ]
      : []),
    ...(each.others.length > 0
      ? [
          note(
            `${each.image} has other folders that may be meant: ${shortList(each.others.map((path) => `/${path}`))}.`,
            `If ${each.folder ?? 'none'} is the wrong one, name it with --path.`,
          ),
        ]
      : []),
    ...(each.options.disableMigrationsListValidation
      ? [
          note(
            `${each.knexfile ?? 'The knexfile'} of ${each.image} switches off the check for missing files, as far as its text tells.`,
            'Never run knex migrate:rollback there: it crashes on files that it lacks.',
          ),
        ]
      : []),
  ])
}

function path({ path: stones }: Status): Finding[] {
  if (!stones) return []
  if (stones.kind === 'refused')
    return [refused(`There is no way through these releases: ${stones.why.join('; ')}.`, 'Take another release.')]
  if (stones.through.length < 2) return []
  return [
    refused(
      `This jump is too wide: ${stones.why.join('; ')}.`,
      `Go through ${wordList(stones.through)}, each until its bake is over.`,
    ),
  ]
}

const refused = (says: string, next: string): Finding => ({ level: 'refused', says, next })
const warning = (says: string, next: string): Finding => ({ level: 'warning', says, next })
const note = (says: string, next: string): Finding => ({ level: 'note', says, next })

const maxShown = 5
const shortList = (names: readonly string[]): string =>
  names.length <= maxShown
    ? wordList(names)
    : `${names.slice(0, maxShown).join(', ')} and ${names.length - maxShown} more`
