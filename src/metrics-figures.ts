import { Gauge, Registry } from 'prom-client'
import { dataStages } from './domain/data-status'
import { decisionKinds } from './domain/decision'
import { outcomes, phases } from './domain/status'
import { scanScheduleId } from './domain/temporal-names'
import type { Figures } from './store/contracts'

/** Waiting approvals are counted by these ages, in seconds. */
export const approvalAges = { '0s': 0, '1h': 3_600, '8h': 28_800, '24h': 86_400, '72h': 259_200 } as const

type Labels = Record<string, string>
type Sample = [number, Labels?]

/**
 * How the hub stands, in Prometheus' words. Whatever can be listed beforehand is 0 where there is none, so that a rule
 * sees it; `targets`: the alert targets of refit.yaml; `labels`: for every line.
 */
export async function figureText(
  figures: Figures,
  { targets, labels }: { targets: readonly string[]; labels: Labels },
): Promise<string> {
  // A registry of its own each time: what is gone must not stay as it was.
  const registry = new Registry()
  registry.setDefaultLabels(labels)
  const gauge = (name: string, help: string, samples: Sample[]): void => {
    const labelNames = [...new Set(samples.flatMap(([, labels]) => Object.keys(labels ?? {})))]
    const made = new Gauge({ name, help, labelNames, registers: [registry] })
    for (const [value, labels = {}] of samples) made.set(labels, value)
  }
  upgrades(figures, gauge)
  scans(figures, gauge)
  alerts(figures, targets, gauge)
  switches(figures, gauge)
  data(figures, gauge)
  return registry.metrics()
}

type Tell = (name: string, help: string, samples: Sample[]) => void

/** One sample per word, 0 where nothing is counted under it. */
const counted = (label: string, words: readonly string[], counts: Partial<Record<string, number>>): Sample[] =>
  words.map((word) => [counts[word] ?? 0, { [label]: word }])

function upgrades({ decisions, open, ended, held, approvals, oldestApproval }: Figures, tell: Tell): void {
  tell('refit_decisions', 'Services by what the last scan says of them.', counted('kind', decisionKinds, decisions))
  tell('refit_upgrades_open', 'Upgrades under way, by phase.', counted('phase', phases, open))
  tell('refit_upgrades_on_record', 'Upgrades that ended, since ever.', counted('outcome', outcomes, ended))
  tell('refit_upgrades_held', 'Upgrades that ended held and that nobody has resolved.', [[held]])
  const waiting = Object.entries(approvalAges).map(([older_than, age]): Sample => [approvals[age] ?? 0, { older_than }])
  tell('refit_approvals_waiting', 'Upgrades that have waited for an approval for at least so long.', waiting)
  tell('refit_approvals_oldest_seconds', 'Age of the upgrade that waits longest for an approval; 0: none waits.', [
    [oldestApproval ?? 0],
  ])
}

function scans({ scan, registries }: Figures, tell: Tell): void {
  tell('refit_scan_last_timestamp_seconds', 'End of the last scan of the hub; 0: there was none.', [[scan.lastAt ?? 0]])
  tell(
    'refit_scan_last_complete_timestamp_seconds',
    'End of the last scan that could read every watched image; 0: there was none.',
    [[scan.lastCompleteAt ?? 0]],
  )
  tell('refit_scan_last_seconds', 'How long the last scan of the hub took.', [[scan.lastSeconds ?? 0]])
  const by = (count: 'repositories' | 'failing' | 'doubted'): Sample[] =>
    registries.map(({ host, ...counts }) => [counts[count], { host }])
  tell('refit_registry_repositories', 'Watched repositories.', by('repositories'))
  tell('refit_registry_failing', 'Watched repositories whose last read failed.', by('failing'))
  tell('refit_registry_doubted', 'Watched repositories whose tag list is suspicious.', by('doubted'))
}

function alerts({ outbox }: Figures, targets: readonly string[], tell: Tell): void {
  const names = [...new Set([...targets, ...outbox.map(({ target }) => target)])]
  const by = (count: 'waiting' | 'dead' | 'oldest'): Sample[] =>
    names.map((target) => [outbox.find((each) => each.target === target)?.[count] ?? 0, { target }])
  tell('refit_outbox_waiting', 'Alerts on their way.', by('waiting'))
  tell('refit_outbox_oldest_seconds', 'Age of the oldest alert on its way; 0: none is.', by('oldest'))
  tell('refit_outbox_dead', 'Alerts that were given up, and not sent again since.', by('dead'))
}

function switches({ quarantined, freezes, schedulesPaused }: Figures, tell: Tell): void {
  tell('refit_quarantined', 'Digests that are not offered again until a person lifts them.', [[quarantined]])
  tell('refit_freezes', 'Freeze switches that are set.', [
    [freezes.hub, { scope: 'hub' }],
    [freezes.namespaces, { scope: 'namespace' }],
  ])
  const schedules = [...new Set<string>([scanScheduleId, ...schedulesPaused])]
  tell(
    'refit_schedule_paused',
    '1: the Schedule starts nothing until somebody lets it go on.',
    schedules.map((schedule) => [schedulesPaused.includes(schedule) ? 1 : 0, { schedule }]),
  )
}

function data({ data, dataHeld }: Figures, tell: Tell): void {
  const at = (phase: string) => data.find((each) => each.phase === phase)
  const samples = dataStages.flatMap((phase): Sample[] => [
    [at(phase)?.running ?? 0, { phase, waits: 'false' }],
    [at(phase)?.waiting ?? 0, { phase, waits: 'true' }],
  ])
  tell('refit_data_open', 'Data workflows under way. waits: for somebody or something.', samples)
  tell('refit_data_held', 'Services whose newest data workflow ended held.', [[dataHeld]])
}
