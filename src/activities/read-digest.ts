import type { Config } from '../config'
import type { DigestFacts, Told } from '../domain/digest'
import { staleBefore } from '../domain/stale'
import type { Phase } from '../domain/status'
import { windowState } from '../domain/window'
import type { Store, UpgradeRow } from '../store/contracts'

const undeliveredAfterMs = 3_600_000

/** All that a digest of [from, to) tells, from the store alone. */
export async function readDigest(
  { store, config }: { store: Store; config: Pick<Config, 'policies' | 'scan'> },
  { from, to }: { from: Date; to: Date },
): Promise<DigestFacts> {
  const [open, held, ended, freezes, paused, scan, decisions, undelivered] = await Promise.all([
    store.upgrades.listOpen(),
    store.upgrades.listHeld(),
    store.happenings.ended(from, to),
    store.freezes.since(from),
    store.schedules.paused(),
    store.scans.last(),
    store.decisions.list(),
    store.happenings.undelivered(new Date(to.getTime() - undeliveredAfterMs)),
  ])
  const inPhase = (...wanted: Phase[]): Told[] =>
    open.filter(({ phase }) => wanted.includes(phase)).map((row) => toldOf(row, row.waitingFor || row.message))
  return {
    from: from.getTime(),
    to: to.getTime(),
    freezes: freezes.filter(({ lifted }) => lifted === null).map((each) => ({ ...each, at: each.at.getTime() })),
    lifted: freezes.flatMap((each) =>
      each.lifted && each.lifted.at >= from ? [{ ...each, liftedBy: each.lifted.by }] : [],
    ),
    paused: paused.map(({ schedule, note }) => ({ schedule, note })),
    scan: scan
      ? {
          endedAt: scan.endedAt.getTime(),
          complete: scan.complete,
          summary: scan.summary,
          stale: scan.endedAt.getTime() < staleBefore(config, to),
        }
      : null,
    held: held.map((row) => toldOf(row, row.message, row.endedAt ?? row.startedAt)),
    waiting: inPhase('approval'),
    queued: inPhase('plan', 'window'),
    running: inPhase('preflight', 'expand', 'backfill', 'rollout', 'bake', 'rollback'),
    ended: ended.flatMap((row) =>
      row.outcome && row.outcome !== 'held'
        ? [{ ...toldOf(row, row.message, row.endedAt ?? row.startedAt), outcome: row.outcome }]
        : [],
    ),
    windows: windowsOf(config.policies, to.getTime()),
    unsupported: decisions
      .filter(({ kind }) => kind === 'unsupported')
      .map(({ namespace, service, reason }) => ({ name: `${namespace}/${service}`, reason })),
    undelivered,
  }
}

const toldOf = (
  { namespace, service, fromTag, toTag, startedAt }: UpgradeRow,
  words: string,
  at = startedAt,
): Told => ({
  name: `${namespace}/${service}`,
  from: fromTag,
  to: toTag,
  words,
  at: at.getTime(),
})

/** Policies that act and have something to wait for; without windows and freezes it is always open. */
function windowsOf(policies: Config['policies'], now: number): DigestFacts['windows'] {
  return policies
    .filter(({ mode, windows, freezes }) => mode !== 'watch' && windows.length + freezes.length > 0)
    .map(({ name, windows, freezes }) => {
      const state = windowState({ windows, freezes, now })
      switch (state.kind) {
        case 'open':
          return { policy: name, open: true, at: state.closesAt ?? null }
        case 'closed':
          return { policy: name, open: false, at: state.opensAt }
        case 'never':
          return { policy: name, open: false, at: null }
      }
    })
}
