import type { Policy } from './policy'
import { matchRelease } from './release-match'
import { cycleIn, edgesOf, idOf, servicesNamed, wavesOf } from './release-order'
import type { ReleaseDefinition, ReleaseRefusal, ReleaseTarget, SkippedService } from './release'
import { runningOf } from './running'
import type { Service } from './service'
import { isPlaced, orderOf } from './tag-order'
import { wordList } from './text'
import { parseVersion } from './version'
import { inRange } from './version-rules'

/** A service as it runs, with what is known of it. */
export interface ReleaseService extends Service {
  /** the policy that selects it, if any */
  policy?: Policy
  /** an upgrade of it that is held: its words */
  held?: string
  /** an upgrade of it that has begun to write */
  underway?: { id: string; phase: string; toTag: string }
}

/** What a release would do, before registries are asked and plans are made. */
export interface ReleaseOutline {
  /** in the order in which they go */
  targets: ReleaseTarget[]
  skipped: SkippedService[]
  refusals: ReleaseRefusal[]
}

interface Given {
  definition: ReleaseDefinition
  /** everything that runs in the hub's namespaces */
  running: readonly ReleaseService[]
  /** of refit.yaml */
  order: readonly { first: string; then: readonly string[] }[]
}

/**
 * What the release means for what runs: what is upgraded in which wave, what is left as it is, and every reason against
 * it. A person names the release, so strategy, ages and channels are not asked; that nothing goes backwards is (law 1).
 */
export function outlineRelease({ definition, running, order }: Given): ReleaseOutline {
  const { matched, skipped, refusals } = matchRelease(definition, running)
  const moving: { service: ReleaseService; from: string; to: string }[] = []
  for (const { service, tag } of matched) {
    const place = placeOf(service, tag)
    if (place.kind === 'upgrade') moving.push({ service, from: place.from, to: tag })
    else if (place.kind === 'skipped') skipped.push({ service: idOf(service), why: place.why, reason: place.reason })
    else refusals.push(place.refusal)
  }
  const ordered = orderedTargets(moving, [...order, ...definition.order], running)
  const held = new Set(skipped.filter(({ why }) => why === 'held').map(({ service }) => service))
  return {
    targets: ordered.targets,
    skipped: skipped.sort((a, b) => (a.service < b.service ? -1 : 1)),
    refusals: [
      ...needsChart(definition),
      ...refusals,
      ...ordered.refusals,
      ...behindHeld(
        moving.map(({ service }) => idOf(service)),
        ordered.edges,
        held,
      ),
      ...unmet(definition, running, moving),
      ...(matched.length === 0 && refusals.length === 0 ? [empty(definition)] : []),
    ],
  }
}

type Place =
  | { kind: 'upgrade'; from: string }
  | { kind: 'skipped'; why: 'already-there' | 'held'; reason: string }
  | { kind: 'refused'; refusal: ReleaseRefusal }

function placeOf(service: ReleaseService, tag: string): Place {
  const id = idOf(service)
  const { policy, held, underway } = service
  const refused = (kind: ReleaseRefusal['kind'], reason: string, next: string): Place => ({
    kind: 'refused',
    refusal: { kind, reason, next },
  })
  const running = runningOf(service, policy?.strategy ?? 'major')
  const [highest] = running.tags.slice(-1)
  // The digest of a moving tag may still differ; its plan tells.
  if (policy?.strategy !== 'digest' && running.tags.length === 1 && running.tag === tag)
    return { kind: 'skipped', why: 'already-there', reason: `runs ${tag}` }
  if (isBackwards(highest ?? '', tag, policy))
    return refused(
      'backwards',
      `${id} runs ${highest}, and the release wants ${tag}: Refit never goes backwards`,
      'Name a newer release, or leave the service out of this one.',
    )
  if (held !== undefined)
    return { kind: 'skipped', why: 'held', reason: `${held}; refit resolve ${id} once it is repaired` }
  if (!policy)
    return refused('unwatched', `no policy selects ${id}`, 'Add one to refit.yaml, or leave the service out.')
  if (policy.mode === 'watch')
    return refused(
      'watch',
      `policy ${policy.name} only watches ${id}`,
      `Write mode: approve or automatic in policy ${policy.name}, or leave the service out.`,
    )
  if (underway)
    return refused(
      'underway',
      `${id} is being upgraded to ${underway.toTag} (${underway.id}, phase ${underway.phase})`,
      `Wait for its end, or refit abort ${id}.`,
    )
  return { kind: 'upgrade', from: running.tag }
}

function isBackwards(runs: string, wanted: string, policy: Policy | undefined): boolean {
  if (policy?.strategy === 'digest') return false
  const order = orderOf(policy?.strategy ?? 'major')
  const [from, to] = [order.read(runs), order.read(wanted)]
  return isPlaced(from) && isPlaced(to) && order.compare(to, from) < 0
}

function orderedTargets(
  moving: readonly { service: ReleaseService; from: string; to: string }[],
  order: readonly { first: string; then: readonly string[] }[],
  running: readonly ReleaseService[],
) {
  const { edges, unknown } = edgesOf(order, running)
  const refusals: ReleaseRefusal[] = unknown.map((name) => ({
    kind: 'unknown-in-order',
    reason: `the order names ${name}, which does not run`,
    next: 'Correct order in refit.yaml or in the release.',
  }))
  const cycle = cycleIn(edges)
  if (cycle) {
    refusals.push({
      kind: 'cycle',
      reason: `the order goes round in a circle: ${cycle.join(' before ')}`,
      next: 'Remove one of these from order in refit.yaml or in the release.',
    })
    return { targets: [], edges: [], refusals }
  }
  const sorted = [...moving].sort((a, b) => (idOf(a.service) < idOf(b.service) ? -1 : 1))
  const { waves, before } = wavesOf(
    sorted.map(({ service }) => idOf(service)),
    edges,
  )
  const targets = waves.flatMap((ids, wave) =>
    sorted
      .filter(({ service }) => ids.includes(idOf(service)))
      .map(({ service: { namespace, name }, from, to }) => ({
        ...{ namespace, name, from, to, wave },
        after: before.get(`${namespace}/${name}`) ?? [],
      })),
  )
  return { targets, edges, refusals }
}

/** What must go first can't be held: the release would put the second stone before the first. */
function behindHeld(
  moving: readonly string[],
  edges: readonly (readonly [string, string])[],
  held: ReadonlySet<string>,
): ReleaseRefusal[] {
  const { before } = wavesOf([...moving, ...held], edges)
  return moving.flatMap((id) => {
    const blocked = (before.get(id) ?? []).filter((each) => held.has(each))
    if (blocked.length === 0) return []
    return [
      {
        kind: 'behind-held' as const,
        reason: `${id} comes after ${wordList(blocked)}, which ${blocked.length === 1 ? 'is' : 'are'} held`,
        next: `Repair it first: ${blocked.map((each) => `refit resolve ${each}`).join(', ')}.`,
      },
    ]
  })
}

function unmet(
  { requires }: ReleaseDefinition,
  running: readonly ReleaseService[],
  moving: readonly { service: ReleaseService; to: string }[],
): ReleaseRefusal[] {
  return Object.entries(requires).flatMap(([name, range]) => {
    const found = servicesNamed(name, running)
    if (found.length === 0)
      return [
        {
          kind: 'requires' as const,
          reason: `the release requires ${name} ${range}, which does not run here`,
          next: `Deploy ${name} first.`,
        },
      ]
    return found.flatMap((service) => {
      // What the release itself brings counts as it will be.
      const tag = moving.find((each) => each.service === service)?.to ?? runningOf(service, 'major').tag
      const version = parseVersion(tag)
      if (version && inRange(range)(version)) return []
      return [
        {
          kind: 'requires' as const,
          reason: `the release requires ${name} ${range}, and ${idOf(service)} runs ${tag || 'no version'}`,
          next: `Upgrade ${idOf(service)} first: refit plan ${idOf(service)}.`,
        },
      ]
    })
  })
}

function needsChart({ differences = [], accepted, release }: ReleaseDefinition): ReleaseRefusal[] {
  if (differences.length === 0 || accepted !== undefined) return []
  return [
    {
      kind: 'needs-chart',
      reason: `release ${release} changes more than images: ${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}, such as ${differences[0]}`,
      next: 'Bring them in with the chart first; what needs no chart is accepted with --accept-differences.',
    },
  ]
}

const empty = ({ release, source }: ReleaseDefinition): ReleaseRefusal => ({
  kind: 'empty',
  reason: `release ${release} (${source}) names nothing that runs`,
  next: 'Write its services: { services: { hub/ledger: v1.1.0 } }.',
})
