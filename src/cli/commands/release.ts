import { RefitError } from '../../domain/errors'
import type { ReleaseDefinition } from '../../domain/release'
import { previewRelease, releaseDetail, startRelease } from '../../operations/release'
import { releaseNotes } from '../../operations/release-notes'
import { releaseNotesMarkdown } from '../../operations/release-notes-markdown'
import { compareCharts, compareRendered } from '../../operations/release-manifests'
import { readRelease, releaseOfManifests } from '../../operations/release-source'
import { type ReleaseVerb, voteRelease } from '../../operations/release-vote'
import { actingAs, type ActorOptions, actorOf } from '../acting'
import { actor, type Command, type Context } from '../context'
import { exitCodes } from '../exit-codes'
import { safe } from '../render'
import { detailLines, previewLines, startedLines } from './release-lines'

interface SourceOptions extends ActorOptions {
  oldManifests?: string
  newManifests?: string
  oldChart?: string
  chart?: string
  values?: string[]
  acceptDifferences?: boolean
  skipMissing?: boolean
}

interface VoteOptions extends ActorOptions {
  plan?: string
  reason?: string
  comment?: string
  change?: string
}

/** A dry run: waves, what is skipped, and every reason against it. */
export const plan: Command<SourceOptions> = async (context, [named = ''], options) => {
  const definition = await definitionOf(context, named, options, actor(context, options.by))
  const preview = await context.waitFor('the cluster and the registries', async () =>
    previewRelease(await planParts(context), definition, context.io.now()),
  )
  context.print(preview, () => previewLines(context, preview, named))
  return preview.refusals.length > 0 ? exitCodes.refused : exitCodes.ok
}

/** What the images on the way between two releases say of themselves. */
export const notes: Command<object> = async (context, [from = '', to = '']) => {
  const { parts } = context
  const found = await context.waitFor('the cluster and the registries', async () => {
    const [config, kubernetes, registry] = await Promise.all([parts.config(), parts.kubernetes(), parts.registry()])
    return releaseNotes({ config, kubernetes, registry }, from, to)
  })
  context.print(found, () => releaseNotesMarkdown(found).split('\n').map(safe))
}

/** Plans once more, keeps the release, and starts its workflow. */
export const start: Command<SourceOptions> = async (context, [named = ''], options) => {
  const person = await actingAs(context, options, 'operator')
  const definition = await definitionOf(context, named, options, person.by)
  const [parts, temporal] = await Promise.all([planParts(context), context.parts.temporal()])
  const who = { ...person, now: context.io.now() }
  const started = await context.waitFor('the cluster, the registries and Temporal', () =>
    startRelease({ ...parts, temporal }, definition, who),
  )
  context.print(started, () => startedLines(context, definition.release, started))
}

/** From the store alone, so that it answers while all else is away. */
export const status: Command<object> = async (context, [name]) => {
  const detail = await context.waitFor('the store', async () => releaseDetail(await context.parts.store(), name))
  context.print(detail, () => detailLines(context, detail))
}

const vote =
  (verb: ReleaseVerb): Command<VoteOptions> =>
  async (context, [name = ''], { plan: planHash, reason, comment, change, ...voter }) => {
    const person = await actorOf(context, voter, verb === 'abort' ? 'operator' : 'approver')
    const [store, temporal] = await Promise.all([context.parts.store(), context.parts.temporal()])
    const result = await context.waitFor('the release to answer', () =>
      voteRelease({ store, temporal }, verb, {
        name,
        ...person,
        planHash,
        reason: reason ?? comment,
        changeReference: change,
      }),
    )
    context.equivalent(result.equivalent)
    context.print(result, () => [
      context.paint(
        result.delivered === 'update' ? 'good' : 'warn',
        safe(
          `${verb} of release ${result.release} by ${result.by}${result.verified ? '' : ' (unverified)'}: ${result.message}`,
        ),
      ),
      `next: refit release status ${result.release}`,
    ])
  }

export const approve = vote('approve')
export const reject = vote('reject')
export const abort = vote('abort')

async function planParts({ parts, env: environment }: Context) {
  const [config, store, kubernetes, registry, promotions] = await Promise.all([
    parts.config(),
    parts.store(),
    parts.kubernetes(),
    parts.registry(),
    parts.promotions(),
  ])
  return { config, store, kubernetes, registry, promotions, environment }
}

async function definitionOf(
  context: Context,
  named: string,
  options: SourceOptions,
  by: string,
): Promise<ReleaseDefinition> {
  const read = (await ofRenderings(context, named, options)) ?? readRelease(named, await context.parts.config())
  return {
    ...read,
    ...(options.acceptDifferences && read.differences ? { accepted: by } : {}),
    ...(options.skipMissing ? { skipMissing: true } : {}),
  }
}

async function ofRenderings(
  context: Context,
  named: string,
  { oldManifests, newManifests, oldChart, chart, values = [] }: SourceOptions,
): Promise<ReleaseDefinition | undefined> {
  const pairs: [string, string | undefined, string, string | undefined][] = [
    ['--old-manifests', oldManifests, '--new-manifests', newManifests],
    ['--old-chart', oldChart, '--chart', chart],
  ]
  for (const [oldFlag, before, newFlag, after] of pairs)
    if ((before === undefined) !== (after === undefined))
      throw new RefitError(
        'USAGE',
        `${oldFlag} and ${newFlag} go together.`,
        'What differs beyond images is found by comparing the two.',
      )
  if (oldManifests !== undefined && newManifests !== undefined)
    return releaseOfManifests(named, compareRendered(oldManifests, newManifests), newManifests)
  if (oldChart === undefined || chart === undefined) return undefined
  const compared = await context.waitFor('helm', () =>
    compareCharts({ folder: oldChart, values }, { folder: chart, values }, context.env),
  )
  return releaseOfManifests(named, compared, chart)
}
