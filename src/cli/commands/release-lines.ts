import type { ReleasePreview, StartedRelease, ReleaseDetail } from '../../operations/release'
import type { ReleaseTarget } from '../../domain/release'
import type { Context } from '../context'
import { instant } from '../../domain/text'
import { type Cell, safe } from '../render'

/** What a release would do, for people. */
export function previewLines(context: Context, preview: ReleasePreview, named: string): string[] {
  const { paint } = context
  const { release, source, waves, skipped, differences, refusals, planHash, approvals, window } = preview
  return [
    safe(`release ${release} (${source})`),
    ...(waves.length > 0 ? ['', ...waveTable(context, waves)] : []),
    ...section(
      'left as they are',
      skipped.map(({ service, reason }) => `  ${service}: ${reason}`),
    ),
    ...section(
      'changes beyond images',
      differences.map((line) => `  ${line}`),
    ),
    ...section(
      'refused',
      refusals.map(({ reason, next }) => `  ${paint('bad', safe(reason))}. ${safe(next)}`),
      false,
    ),
    '',
    ...(planHash === null
      ? [refusals.length > 0 ? 'nothing was written' : 'nothing to do']
      : [
          `now: ${window.kind === 'open' ? 'it may start' : window.kind === 'never' ? 'its services never share a window' : `closed by a ${window.because}, opens ${instant(window.opensAt)}`}`,
          approvals === null
            ? 'each service asks for its own approval'
            : approvals === 0
              ? 'nobody is asked'
              : `one approval for all of it (${approvals} ${approvals === 1 ? 'person' : 'people'})`,
          `plan hash ${paint('strong', planHash)}; nothing was written`,
          `next: refit release start ${named}`,
        ]),
  ]
}

const section = (title: string, lines: string[], isForeign = true): string[] =>
  lines.length > 0 ? ['', `${title}:`, ...(isForeign ? lines.map(safe) : lines)] : []

function waveTable(context: Context, waves: readonly (readonly ReleaseTarget[])[]): string[] {
  const rows = waves.flatMap((wave, index) =>
    wave.map(({ namespace, name, from, to, after }): Cell[] => [
      String(index + 1),
      `${namespace}/${name}`,
      from,
      to,
      after.join(', ') || '-',
    ]),
  )
  return [context.table(['WAVE', 'SERVICE', 'FROM', 'TO', 'AFTER'], rows)]
}

/** What became of a start, and the next command. */
export function startedLines(
  context: Context,
  release: string,
  { preview, releaseId, kind }: StartedRelease,
): string[] {
  const { paint } = context
  const words = {
    started: `release ${release} started`,
    resumed: `release ${release} goes on where it stopped`,
    runs: `release ${release} runs already`,
  }
  const waits = preview !== null && preview.approvals !== null && preview.approvals > 0
  return [
    paint('good', safe(words[kind])),
    `release ${releaseId}${preview?.planHash ? `, plan ${preview.planHash}` : ''}`,
    waits
      ? `next: refit release approve ${safe(release)} --plan ${preview.planHash}`
      : `next: refit release status ${safe(release)}`,
  ]
}

/** Where a release stands, and the next command. */
export function detailLines(context: Context, { release, services, events }: ReleaseDetail): string[] {
  const { paint } = context
  const { name, id, hash, phase, outcome, waitingFor, message, requestedBy } = release
  const rows = services.map((each): Cell[] => [
    String(each.wave + 1),
    `${each.namespace}/${each.service}`,
    `${each.from} → ${each.to}`,
    each.outcome ?? (each.ready ? 'healthy' : (each.phase ?? 'not begun')),
  ])
  return [
    `${paint('strong', safe(`release ${name}`))} ${outcome ?? `in phase ${phase}`}: ${safe(message)}`,
    `release ${id}${hash ? `, plan ${hash}` : ''}, started by ${safe(requestedBy)}`,
    ...(waitingFor ? [`waits for ${safe(waitingFor)}`] : []),
    ...(rows.length > 0 ? ['', context.table(['WAVE', 'SERVICE', 'UPGRADE', 'STATE'], rows)] : []),
    '',
    ...events.map(({ at, kind, message: words, by }) =>
      paint('dim', safe(`${instant(at)} ${kind}${by ? ` by ${by}` : ''}: ${words}`)),
    ),
    '',
    `next: ${nextOf(release)}`,
  ]
}

function nextOf({ name, hash, phase, outcome }: ReleaseDetail['release']): string {
  if (outcome === 'succeeded' || outcome === 'up-to-date') return 'nothing'
  if (outcome === 'held') return 'refit status says what needs a person'
  if (outcome) return `refit release plan says whether it can be started again`
  if (phase === 'approval') return `refit release approve ${name} --plan ${hash}`
  return `refit release status ${name}, or refit release abort ${name}`
}
