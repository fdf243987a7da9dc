import { lookUp } from '../../operations/lookup'
import {
  type PolicyWindows,
  policyWindows,
  type ServiceWindows,
  serviceWindows,
  type ShownOpening,
} from '../../operations/windows'
import { durationWords, instant } from '../../domain/text'
import { ruleWords } from '../../domain/explain-plan'
import { freezeWords } from '../../domain/window-words'
import type { Command, Context } from '../context'
import { type Cell, safe } from '../render'

interface Options {
  next: number
}

/** When a service may be upgraded next, and why not now; without a service every policy in a line. */
export const run: Command<Options> = async (context, [name], { next }) => {
  const { parts, io } = context
  const config = await parts.config()
  if (name === undefined) {
    const all = policyWindows(config, io.now())
    return context.print(all, () => policyLines(context, all))
  }
  const store = await parts.store()
  const found = await context.waitFor('the store', async () =>
    serviceWindows({ store, config }, { key: await lookUp(store, name), next, now: io.now() }),
  )
  context.print(found, () => serviceLines(context, found))
}

function policyLines(context: Context, all: readonly PolicyWindows[]): string[] {
  const rows = all.map(({ policy, mode, state, windows, next, why, timeZone }): Cell[] => [
    `${policy} (${mode})`,
    state.kind === 'open' ? { text: 'open', tone: 'good' } : { text: state.kind, tone: 'warn' },
    windows === 0 && state.kind === 'open' ? 'any time' : next ? spanWords(next, timeZone) : '-',
    next ? instant(Date.parse(next.from)) : '-',
    why,
  ])
  return [context.table(['POLICY', 'NOW', 'OPEN NEXT', 'UTC', 'WHY'], rows)]
}

const spanWords = ({ fromLocal, toLocal }: ShownOpening, zone: string): string =>
  `${fromLocal} to ${toLocal ?? 'no end'} (${zone})`

function serviceLines(context: Context, found: ServiceWindows): string[] {
  const { namespace, service, policy, timeZone, windows, expected, state, why, whenWindowCloses, openings } = found
  const rows = openings.map((opening): Cell[] => [
    opening.fromLocal,
    opening.toLocal ?? 'no end',
    `${instant(Date.parse(opening.from))}${opening.to === null ? '' : ` to ${instant(Date.parse(opening.to))}`}`,
    opening.rules.join(', ') || '-',
    latestWords(opening),
    noteWords(opening),
  ])
  return [
    context.paint('strong', safe(`${namespace}/${service}: policy ${policy}`)),
    `now        ${context.paint(state.kind === 'open' ? 'good' : 'warn', safe(why))}`,
    ...windows.map((rule, index) => safe(`rule ${index + 1}     ${ruleWords(rule)}`)),
    `expected   ${durationWords(expected.ms)} (${sources[expected.source]}); when a window closes: ${whenWindowCloses}`,
    ...(rows.length > 0
      ? ['', context.table([`OPENS (${timeZone})`, 'CLOSES', 'UTC', 'RULE', 'LATEST START', 'NOTE'], rows)]
      : []),
  ]
}

const sources: Record<ServiceWindows['expected']['source'], string> = {
  policy: 'as the policy says',
  learned: 'learned from earlier upgrades',
  guess: 'a guess: no upgrade has succeeded yet',
}

function latestWords({ kind, latestStartLocal, tooShort }: ShownOpening): Cell {
  if (kind === 'frozen') return '-'
  if (tooShort) return { text: 'too short', tone: 'warn' }
  return latestStartLocal ?? 'any time'
}

function noteWords({ kind, count, freezes }: ShownOpening): Cell {
  if (kind === 'frozen')
    return { text: `${count === 1 ? 'hidden' : `${count} openings hidden`} by ${freezeWords(freezes)}`, tone: 'warn' }
  return freezes.length > 0 ? { text: `cut by ${freezeWords(freezes)}`, tone: 'warn' } : ''
}
