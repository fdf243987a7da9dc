/** The way of one upgrade, as steps with their events. */
import { phases, type Phase } from '../../../src/domain/status'
import type { UpgradeEvent, UpgradePage } from '../api/shapes'

export type StepState = 'done' | 'now' | 'failed' | 'stopped' | 'skipped' | 'ahead' | 'unreached'

export interface Step {
  phase: Phase
  state: StepState
  /** when it was first and last heard of */
  from: string | null
  to: string | null
  events: UpgradeEvent[]
}

/** Phases that only some upgrades have. */
const optional: ReadonlySet<Phase> = new Set(['expand', 'backfill', 'rollback'])

const endedWell: ReadonlySet<string | null> = new Set(['succeeded', 'up-to-date'])

/** Every phase in order, with what was recorded in it. One without migrations has no expand, a good one no rollback. */
export function stepsOf({ upgrade, events, plan }: Pick<UpgradePage, 'upgrade' | 'events' | 'plan'>): Step[] {
  const heard = new Map<Phase, UpgradeEvent[]>()
  for (const event of events)
    if (isPhase(event.phase)) heard.set(event.phase, [...(heard.get(event.phase) ?? []), event])
  if (!heard.has(upgrade.phase)) heard.set(upgrade.phase, [])
  const migrates = (plan?.body.migrations.length ?? 0) > 0
  const shown = phases.filter((phase) => heard.has(phase) || !optional.has(phase) || (phase === 'expand' && migrates))
  const reached = [...phases].filter((phase) => phase !== 'rollback' && heard.has(phase))
  const last = reached.at(-1)
  const undone = heard.has('rollback')
  return shown.map((phase) => {
    const own = heard.get(phase) ?? []
    return {
      phase,
      state: stateOf(phase),
      from: own[0]?.at ?? null,
      to: own.at(-1)?.at ?? null,
      events: own,
    }
  })

  function stateOf(phase: Phase): StepState {
    const { outcome } = upgrade
    if (!outcome && phase === upgrade.phase) return 'now'
    if (phase === 'rollback') return outcome === 'held' ? 'stopped' : 'done'
    if (last === undefined || phases.indexOf(phase) > phases.indexOf(last))
      return outcome || undone ? 'unreached' : 'ahead'
    if (!heard.has(phase)) return 'skipped'
    if (phase !== last || endedWell.has(outcome)) return 'done'
    return undone ? 'failed' : outcome ? 'stopped' : 'now'
  }
}

const isPhase = (word: string): word is Phase => (phases as readonly string[]).includes(word)

export interface PlanLine {
  label: string
  text: string
  /** what belongs to it */
  details: string[]
}

/** The plan's lines as label and text: `rollout 1: Deployment api: …`. Indented lines belong to the one before. */
export function planLines(lines: readonly string[]): PlanLine[] {
  const shown: PlanLine[] = []
  for (const line of lines) {
    const last = shown.at(-1)
    if (line.startsWith('  ') && last) {
      last.details.push(line.trim())
      continue
    }
    const [, label, text] = /^([a-z]+(?: \d+)?): (.*)$/s.exec(line) ?? []
    if (label && text !== undefined) shown.push({ label, text, details: [] })
    else {
      const [, word, rest] = /^(plan|image) (.*)$/s.exec(line) ?? []
      shown.push({ label: word ?? '', text: rest ?? line, details: [] })
    }
  }
  return shown
}
