import { digestSections, digestTitle, digestWarnings } from '../../domain/digest'
import { durationWords, instant } from '../../domain/text'
import type { SinceReport } from '../../operations/since'
import type { Context } from '../context'
import { safe } from '../render'

const eventsShown = 40

/** What the daily digest would tell of this stretch, and the record of it. */
export function sinceLines(context: Context, report: SinceReport): string[] {
  const { hub, events, from, to } = report
  const rows = events
    .slice(0, eventsShown)
    .map(({ at, namespace, service, phase, kind, by, message }) => [
      ...[instant(at), `${namespace}/${service}`, phase, kind, by ?? '-', message],
    ])
  return [
    context.paint('strong', `hub ${hub.name} (${hub.environment}), the last ${durationWords(to - from)}`),
    digestTitle(report),
    ...digestWarnings(report).map((line) => context.paint('warn', safe(line))),
    ...digestSections(report).flatMap(({ title, lines }) => [
      '',
      context.paint('strong', title),
      ...lines.map((line) => safe(`  ${line}`)),
    ]),
    ...(rows.length > 0 ? ['', context.table(['AT', 'SERVICE', 'PHASE', 'WHAT', 'BY', 'MESSAGE'], rows)] : []),
    ...(events.length > eventsShown
      ? [context.paint('dim', `and ${events.length - eventsShown} more events: refit history, or -o json`)]
      : []),
  ]
}
