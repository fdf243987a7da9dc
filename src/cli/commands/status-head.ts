import { actorWords, frozenWords, unfreezeCommand } from '../../domain/freeze-alerts'
import { describeHubRelease } from '../../domain/hub-release'
import { scheduleName } from '../../domain/temporal-names'
import type { NextStep } from '../../operations/next-step'
import type { HubStatus } from '../../operations/status'
import type { Context } from '../context'
import { ago, safe } from '../render'

type Head = Pick<HubStatus, 'hub' | 'scan' | 'release' | 'freezes' | 'pausedSchedules' | 'configChanged'>

/** What holds everything up comes first; then which hub this is, and how much its picture can be believed. */
export const headLines = (context: Context, head: Head): string[] => [
  ...holdLines(context, head),
  ...scanLines(context, head),
]

function holdLines(
  { paint, io }: Context,
  { freezes, pausedSchedules, configChanged }: Pick<Head, 'freezes' | 'pausedSchedules' | 'configChanged'>,
): string[] {
  return [
    ...freezes.map((each) =>
      paint(
        'bad',
        safe(
          `FROZEN: ${frozenWords(each)}, ${ago(each.at, io.now())} by ${actorWords(each)}: ${each.reason} (${unfreezeCommand(each)})`,
        ),
      ),
    ),
    ...pausedSchedules.map(({ schedule, note }) =>
      paint(
        'warn',
        safe(
          `Schedule ${schedule} is paused${note ? `: ${note}` : ''} (refit schedule resume ${scheduleName(schedule)})`,
        ),
      ),
    ),
    ...(configChanged
      ? [paint('warn', 'refit.yaml is not the one that the worker started with: start the worker anew, or look there')]
      : []),
  ]
}

function scanLines({ paint, io }: Context, { hub, scan, release }: Pick<Head, 'hub' | 'scan' | 'release'>): string[] {
  const stands = release ? `, ${safe(describeHubRelease(release))}` : ''
  const title = paint('strong', `hub ${hub.name} (${hub.environment})${stands}`)
  if (!scan) return [title, paint('warn', 'no scan yet: nothing is known')]
  const scanned = `last scan ${ago(scan.endedAt, io.now())}: ${scan.summary}`
  if (scan.stale) return [title, paint('warn', `${scanned}; too old to be believed`)]
  return [title, scan.complete ? scanned : paint('warn', `${scanned}; not every image could be read`)]
}

/** The last line: what to run next. */
export const nextLine = ({ paint }: Pick<Context, 'paint'>, { command, why }: NextStep): string =>
  command ? `${paint('dim', safe(why))}\nnext: ${command}` : paint('dim', safe(why))
