import { type Alert, codeBlock, type Hub, hubName, plain } from './alert'
import { actorWords, frozenWords, unfreezeCommand, type Freeze } from './freeze-alerts'
import { durationWords, instant } from './text'

/** One upgrade as a digest tells of it. */
export interface Told {
  /** namespace/service */
  name: string
  from: string
  to: string
  /** what it waits for, or what happened last */
  words: string
  /** since when, or when it ended; epoch ms */
  at: number
}

/** What a digest tells: how things stand at `to`, and what happened since `from`. Instants are epoch ms. */
export interface DigestFacts {
  from: number
  to: number
  freezes: (Freeze & { at: number })[]
  /** freezes that were lifted meanwhile */
  lifted: (Freeze & { liftedBy: string })[]
  /** Schedules that a person paused, and their notes */
  paused: { schedule: string; note: string }[]
  scan: { endedAt: number; complete: boolean; summary: string; stale: boolean } | null
  held: Told[]
  /** for an approval */
  waiting: Told[]
  /** for a window, a freeze or whatever else isn't a person */
  queued: Told[]
  running: Told[]
  ended: (Told & { outcome: string })[]
  /** policies that act, and when their windows open; null: never */
  windows: { policy: string; open: boolean; at: number | null }[]
  unsupported: { name: string; reason: string }[]
  /** alerts that did not reach their target */
  undelivered: number
}

const mostListed = 10

/** The sections of a digest as plain lines: the alert and `refit status --since` tell the same. */
export function digestSections(facts: DigestFacts): { title: string; lines: string[] }[] {
  const sections = [
    section(
      'held, needs a person',
      facts.held,
      (each) => `${moveOf(each)}, held since ${instant(each.at)}: ${each.words}`,
    ),
    section(
      'waiting for an approval',
      facts.waiting,
      (each) => `${moveOf(each)}, since ${instant(each.at)}: ${each.words}`,
    ),
    section('running', facts.running, (each) => `${moveOf(each)}: ${each.words}`),
    section('waiting for their time', facts.queued, (each) => `${moveOf(each)}: ${each.words}`),
    section(
      `ended in the last ${durationWords(facts.to - facts.from)}`,
      facts.ended,
      (each) => `${moveOf(each)} ${each.outcome} at ${instant(each.at)}${each.words ? `: ${each.words}` : ''}`,
    ),
    section('next windows', facts.windows, windowWords),
    section('unsupported', facts.unsupported, ({ name, reason }) => `${name}: ${reason}`),
  ]
  return sections.filter(({ lines }) => lines.length > 0)
}

/** What is wrong with Refit itself, before anything else is believed. */
export function digestWarnings({ freezes, paused, scan, undelivered }: DigestFacts): string[] {
  return [
    ...freezes.map(
      (each) => `${frozenWords(each)} is frozen since ${instant(each.at)} by ${actorWords(each)}: ${each.reason}`,
    ),
    ...paused.map(({ schedule, note }) => `Schedule ${schedule} is paused${note ? `: ${note}` : ''}`),
    ...scanWarnings(scan),
    ...(undelivered > 0
      ? [`${undelivered} ${undelivered === 1 ? 'alert has' : 'alerts have'} not reached their target`]
      : []),
  ]
}

function scanWarnings(scan: DigestFacts['scan']): string[] {
  if (!scan) return ['no scan has run yet: nothing is known']
  if (scan.stale) return [`the last scan ended at ${instant(scan.endedAt)}: what is said here may be old`]
  return scan.complete ? [] : ['the last scan could not read every image']
}

/** In one line: how much there is of what. */
export function digestTitle({ held, waiting, running, queued, ended }: DigestFacts): string {
  const counts: [number, string][] = [
    [held.length, 'held'],
    [waiting.length, 'waiting for approval'],
    [running.length, 'running'],
    [queued.length, 'waiting for their time'],
    [ended.length, 'ended'],
  ]
  const words = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return words.join(', ') || 'nothing waits, nothing happened'
}

/**
 * The daily digest. Level action, also when nothing waits: it is asked for by whoever takes over, must reach the targets
 * that people read, and a digest that doesn't come is a sign of its own.
 */
export function digestAlert(hub: Hub, slot: string, facts: DigestFacts): Alert {
  const title = `digest: ${digestTitle(facts)}`
  const sections = digestSections(facts).map(({ title: of, lines }) =>
    [`*${of}*`, ...lines.map((line) => `• ${plain(line)}`)].join('\n'),
  )
  const commands = commandsOf(facts)
  return {
    key: `digest/${slot}`,
    level: 'action',
    hub: hub.name,
    title,
    text: [
      `${hubName(hub)}: ${plain(title)}`,
      ...digestWarnings(facts).map((line) => `:warning: ${plain(line)}`),
      ...(facts.scan && !facts.scan.stale
        ? [plain(`last scan ${instant(facts.scan.endedAt)}: ${facts.scan.summary}`)]
        : []),
      ...sections,
      ...facts.lifted.map((each) => plain(`${frozenWords(each)} was unfrozen by ${each.liftedBy}`)),
      codeBlock(commands),
    ].join('\n'),
    facts: {
      slot,
      from: instant(facts.from),
      to: instant(facts.to),
      held: String(facts.held.length),
      waiting: String(facts.waiting.length),
      running: String(facts.running.length),
      ended: String(facts.ended.length),
    },
  }
}

/** What to run first, at most three. */
function commandsOf({ held, waiting, freezes, scan }: DigestFacts): string[] {
  const commands = [
    ...freezes.map(unfreezeCommand),
    ...held.map(({ name }) => `refit status ${name}`),
    ...waiting.map(({ name }) => `refit approve ${name}`),
    ...(scan && !scan.stale ? [] : ['refit doctor']),
  ]
  return commands.length > 0 ? commands.slice(0, 3) : ['refit status']
}

function section<T>(title: string, all: readonly T[], words: (each: T) => string) {
  const lines = all.slice(0, mostListed).map(words)
  if (all.length > mostListed) lines.push(`… and ${all.length - mostListed} more: refit status`)
  return { title, lines }
}

const moveOf = ({ name, from, to }: Told): string => `${name} ${from} → ${to}`

function windowWords({ policy, open, at }: DigestFacts['windows'][number]): string {
  if (open) return `${policy}: open now${at === null ? '' : `, until ${instant(at)}`}`
  return at === null ? `${policy}: never opens` : `${policy}: opens at ${instant(at)}`
}
