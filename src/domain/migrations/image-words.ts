import { refused, type PlanRefusal } from '../plan-objections'
import { wordList } from '../text'
import type { ImageAnswer, PlannedImages } from './image-answer'
import type { RollbackAnswer } from './rollback-answer'

/** The part of a plan that the answer fills. */
export function plannedImages(answer: ImageAnswer | undefined): { pending?: string[]; images?: PlannedImages } {
  if (!answer) return {}
  if (answer.kind === 'unknown') return { images: { unknown: answer.why } }
  const { basis, difference, forwards, backwards, unread } = answer
  const list = (key: 'added' | 'removed' | 'edited' | 'outOfOrder') =>
    difference && difference[key].length > 0 ? { [key]: difference[key] } : {}
  return {
    ...(forwards.kind === 'applies' ? { pending: forwards.pending } : {}),
    images: {
      ...{ basis, ...list('added'), ...list('removed'), ...list('edited'), ...list('outOfOrder') },
      ...(backwards ? { rollback: backwards.kind } : {}),
      ...(unread === undefined ? {} : { unread }),
    },
  }
}

interface Stance {
  from: string
  to: string
  /** approvals that the policy wants */
  required: number
  acceptRestartRisk: boolean
}

/** Why an upgrade with these answers must not be planned. What could not be read is no reason. */
export const imagesObjection = (
  answers: readonly (ImageAnswer | undefined)[],
  stance: Stance,
): PlanRefusal | undefined =>
  answers
    .map((answer) => (answer?.kind === 'read' ? objectionTo(answer, stance) : undefined))
    .find((each) => each !== undefined)

const objectionTo = (answer: Read, stance: Stance): PlanRefusal | undefined =>
  forwardsObjection(answer, stance) ??
  jumpObjection(answer) ??
  backwardsObjection(answer, stance) ??
  personObjection(answer, stance)

type Read = Extract<ImageAnswer, { kind: 'read' }>

function forwardsObjection({ forwards, difference }: Read, { to }: Stance): PlanRefusal | undefined {
  if (forwards.kind !== 'refuses') return undefined
  const reason = `knex will refuse to migrate to ${to}: ${forwards.says}`
  if (forwards.why === 'locked')
    return refused(
      reason,
      'See whether a migration runs; if its process is gone, its lock was left behind: knex migrate:unlock in the service.',
    )
  const renamed = difference?.renamed.filter(({ from }) => forwards.missing.includes(from)) ?? []
  const names = renamed.map((each) => `${each.from} is now called ${each.to}, with the same content`)
  const full = names.length > 0 ? `${reason}; ${wordList(names)}` : reason
  return refused(full, 'Take a release that has these files, or ask whoever owns the service what became of them.')
}

/** A release between may have been the one whose code no longer uses what goes. */
function jumpObjection({ between }: Read): PlanRefusal | undefined {
  if (between?.path.kind !== 'path' || between.path.through.length < 2) return undefined
  return refused(
    `this jump is too wide: ${between.path.why.join('; ')}`,
    `Go through ${wordList(between.path.through)}, each until its bake is over; a range in the policy, or a release, names them one by one.`,
  )
}

function backwardsObjection({ backwards }: Read, { from, acceptRestartRisk }: Stance): PlanRefusal | undefined {
  if (backwards?.kind !== 'refused' || acceptRestartRisk) return undefined
  return refused(
    `there is no way back by image: ${from} would refuse the newer schema and crash-loop (${backwards.says}); ${backwards.why}`,
    'Have a switch in the service turn its migrations at start-up off, or write acceptRestartRisk: true into the policy.',
  )
}

/** What knex does without a word is for a person to see first. */
function personObjection({ difference }: Read, { required }: Stance): PlanRefusal | undefined {
  if (!difference || required > 0) return undefined
  const { edited, outOfOrder } = difference
  const said = [
    ...(edited.length > 0 ? [`${shortList(edited)} ${edited.length > 1 ? 'were' : 'was'} edited since`] : []),
    ...(outOfOrder.length > 0
      ? [`${shortList(outOfOrder)} ${outOfOrder.length > 1 ? 'are' : 'is'} named before what is applied`]
      : []),
  ]
  if (said.length === 0) return undefined
  return refused(
    `nobody is asked by this policy, and a person has to look at its migrations: ${wordList(said)}`,
    'Ask for an approval in the policy (approval: { required: 1 }).',
  )
}

/** What could be read when the plan was approved and can't be now; undefined when nothing got lost. */
export function lostSight(approved: readonly Shown[], now: readonly Shown[]): string | undefined {
  const gone = (was: PlannedImages | undefined, is: PlannedImages | undefined): string | undefined => {
    if (!was || !is || 'unknown' in was) return undefined
    return 'unknown' in is ? is.unknown : was.unread === undefined ? is.unread : undefined
  }
  return approved.map(({ images }, index) => gone(images, now[index]?.images)).find((each) => each !== undefined)
}

interface Shown {
  kind: string
  images?: PlannedImages
}

/** Of a plan: what people are told of the images' migrations, one sentence each. */
export function imageWords(images: PlannedImages, pending: readonly string[] | undefined): string[] {
  if ('unknown' in images) return [`what it will apply is unknown: ${images.unknown}`]
  const { edited = [], outOfOrder = [], removed = [], unread } = images
  return [
    `${pending && pending.length > 0 ? `knex will apply ${shortList(pending)}` : 'nothing is pending'} (by the ${images.basis})`,
    ...(edited.length > 0
      ? [`warning: edited since the running image: ${shortList(edited)}; where they are applied, the edit never runs`]
      : []),
    ...(outOfOrder.length > 0
      ? [
          `warning: named before the newest of the running image: ${shortList(outOfOrder)}; knex applies them all the same`,
        ]
      : []),
    ...(removed.length > 0 ? [`removed: ${shortList(removed)}`] : []),
    ...rollbackWords(images.rollback),
    ...(unread === undefined ? [] : [`not read: ${unread}`]),
  ]
}

function rollbackWords(rollback: RollbackAnswer['kind'] | undefined): string[] {
  switch (rollback) {
    case undefined:
    case 'starts':
      return []
    case 'starts-with':
      return ['the old image would refuse the newer schema, so that its init container stays new in a rollback']
    case 'not-asked':
      return ['the old image would refuse the newer schema, but nothing in its pods migrates when they start']
    case 'refused':
      return ['warning: the old image would refuse the newer schema and crash-loop; the policy accepts that']
    case 'unknown':
      return ['warning: the old image would refuse the newer schema wherever it migrates at its start']
  }
}

const maxShown = 5
const shortList = (names: readonly string[]): string =>
  names.length <= maxShown
    ? wordList(names)
    : `${names.slice(0, maxShown).join(', ')} and ${names.length - maxShown} more`
