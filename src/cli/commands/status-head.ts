import { describeHubRelease } from '../../domain/hub-release'
import type { NextStep } from '../../operations/next-step'
import type { HubStatus } from '../../operations/status'
import type { Context } from '../context'
import { ago, safe } from '../render'

/** Which hub this is, and how much its picture can be believed. */
export function headLines(
  { paint, io }: Context,
  { hub, scan, release }: Pick<HubStatus, 'hub' | 'scan' | 'release'>,
): string[] {
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
