import type { Config } from '../config'
import type { Decision, ShortDecision } from '../domain/decision'
import type { Diagnosis } from '../domain/diagnosis'
import { hubRelease, type HubRelease } from '../domain/hub-release'
import { repositoryPath } from '../domain/image'
import { serviceId } from '../domain/service'
import type {
  DataRow,
  FreezeRow,
  KnownRepository,
  PausedSchedule,
  ServiceKey,
  Store,
  UpgradeEvent,
  UpgradeRow,
} from '../store/contracts'
import { doubtedList, listWords, type ShownList } from './doubted-list'
import { nextStep, type NextStep } from './next-step'
import { statusWindows, type StatusWindow } from './status-window'
import { staleBefore } from '../domain/stale'

export interface ServiceStatus extends ServiceKey {
  /** the last scan's decision; null when no scan has seen the service */
  decision: (Omit<Decision, 'tags' | 'namespace' | 'service'> & { at: Date }) | null
  /** the decision is too old to be believed; always true without one */
  stale: boolean
  /** the upgrade that is open, or that ended held and waits for a repair */
  upgrade: UpgradeRow | null
  /** absent where no policy selects it */
  window?: StatusWindow
  /** why a person is needed: a waiting approval, a held upgrade, a suspicious decision; null when nobody is */
  needsPerson: string | null
  /** the tag list that can't be trusted, as `refit accept` would trust it */
  doubtedList?: ShownList
}

/** What `refit status -o json` prints. */
export interface HubStatus {
  hub: { name: string; environment: string }
  scan: {
    id: string
    startedAt: Date
    endedAt: Date
    ageMs: number
    /** every watched image was read */ complete: boolean
    summary: string
    stale: boolean
  } | null
  services: ServiceStatus[]
  /** what holds all upgrades of the hub or of a namespace */
  freezes: FreezeRow[]
  /** Schedules that are paused, as far as a worker or Refit's CLI saw it */
  pausedSchedules: PausedSchedule[]
  /** the newest worker started with another refit.yaml than the one here */
  configChanged: boolean
  /** where the hub stands among the releases of its bill of materials; null without one */
  release: HubRelease | null
  /** true only when a fresh, complete scan found every watched service up to date */
  allUpToDate: boolean
  next: NextStep
}

/** What `refit status SERVICE -o json` prints. */
export interface ServiceDetail extends Pick<
  HubStatus,
  'hub' | 'scan' | 'release' | 'freezes' | 'pausedSchedules' | 'configChanged'
> {
  service: ServiceStatus & { tags: Decision['tags'] }
  /** the newest upgrade, also one that has ended */
  latest: UpgradeRow | null
  /** the newest data workflow, also one that has ended */
  data: DataRow | null
  events: UpgradeEvent[]
  /** of the newest upgrade, where it failed: what was seen before anything was undone */
  diagnosis: Diagnosis | null
  quarantined: { tag: string; digest: string; reason: string; since: Date }[]
  next: NextStep
}

/** The part of the store that says where services stand. */
export interface StatusStore {
  scans: Pick<Store['scans'], 'last'>
  decisions: Pick<Store['decisions'], 'list' | 'read'>
  upgrades: Pick<Store['upgrades'], 'listOpen' | 'listHeld' | 'list' | 'latest' | 'events'>
  repositories: Pick<Store['repositories'], 'read'>
  quarantine: Pick<Store['quarantine'], 'list'>
  freezes: Pick<Store['freezes'], 'list'>
  schedules: Pick<Store['schedules'], 'paused'>
  workers: Pick<Store['workers'], 'last'>
  data: Pick<Store['data'], 'latest'>
  diagnoses: Pick<Store['diagnoses'], 'list'>
}

type Deps = {
  store: StatusStore
  config: Pick<Config, 'hub' | 'scan' | 'billOfMaterials' | 'policies'>
  /** of refit.yaml as it is here */
  configHash?: string | undefined
}
type StoredDecision = ShortDecision & { at: Date }

/** Where every service of the hub stands, from the store alone: also true while Temporal or the cluster is away. */
export async function hubStatus({ store, config, configHash }: Deps, now: Date): Promise<HubStatus> {
  const [last, decisions, open, held, freezes, pausedSchedules, worker] = await Promise.all([
    store.scans.last(),
    store.decisions.list(),
    store.upgrades.listOpen(),
    store.upgrades.listHeld(),
    store.freezes.list(),
    store.schedules.paused(),
    store.workers.last(),
  ])
  const oldest = staleBefore(config, now)
  const upgrades = [...open, ...held]
  const keys = new Map(
    [...decisions, ...upgrades].map((each) => [idOf(each), { namespace: each.namespace, service: each.service }]),
  )
  const decisionOf = new Map(decisions.map((each) => [idOf(each), each]))
  // The first one of a service counts: an open one before a held one.
  const upgradeOf = new Map([...upgrades].reverse().map((each) => [idOf(each), each]))
  const suspicious = decisions.filter(({ kind }) => kind === 'suspicious').map(({ repository }) => repository)
  const lists = suspicious.length > 0 ? await store.repositories.read(suspicious) : new Map<string, KnownRepository>()
  const services = [...keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, key]) => serviceStatus(key, decisionOf.get(id), upgradeOf.get(id), oldest, lists))
  const scan = last
    ? {
        ...last,
        ageMs: Math.max(0, now.getTime() - last.endedAt.getTime()),
        stale: last.endedAt.getTime() < oldest,
      }
    : null
  const watched = services.filter(({ decision }) => decision?.kind !== 'unwatched')
  const allUpToDate =
    scan !== null &&
    scan.complete &&
    !scan.stale &&
    watched.length > 0 &&
    watched.every(({ decision, stale, upgrade }) => decision?.kind === 'up-to-date' && !stale && !upgrade)
  const hub = { name: config.hub.name, environment: config.hub.environment }
  const windowOf = statusWindows(config, freezes, now)
  const withWindows = services.map((each) => ({ ...each, ...windowOf(each.namespace, each.decision?.policy) }))
  return {
    ...{ hub, scan, services: withWindows, freezes, pausedSchedules },
    configChanged: configHash !== undefined && worker !== undefined && worker.configHash !== configHash,
    ...{ release: releaseOf(config, decisions), allUpToDate, next: nextStep({ scan, services }) },
  }
}

function releaseOf({ billOfMaterials }: Deps['config'], decisions: readonly StoredDecision[]): HubRelease | null {
  const services = decisions.map(({ repository, current, kind }) => ({
    repositoryPath: repositoryPath(repository),
    current,
    kind,
  }))
  return hubRelease(services, billOfMaterials) ?? null
}

/** One service with the reasons for every tag and the story of its newest upgrade. */
export async function serviceDetail(deps: Deps, key: ServiceKey, now: Date): Promise<ServiceDetail> {
  const { store } = deps
  const [{ services, ...head }, decision, latest, quarantine, data] = await Promise.all([
    hubStatus(deps, now),
    store.decisions.read(key),
    store.upgrades.latest(key),
    store.quarantine.list(),
    store.data.latest(key),
  ])
  const known =
    services.find((each) => idOf(each) === idOf(key)) ?? serviceStatus(key, undefined, undefined, now.getTime())
  const { hub, scan, release, freezes, pausedSchedules, configChanged } = head
  return {
    ...{ hub, scan, release, freezes, pausedSchedules, configChanged },
    service: { ...known, tags: decision?.tags ?? [] },
    latest: latest ?? null,
    data: data ?? null,
    events: latest ? await store.upgrades.events(latest.id) : [],
    diagnosis: (latest && (await store.diagnoses.list(latest.id)).at(-1)) ?? null,
    quarantined: quarantine
      .filter((each) => idOf(each) === idOf(key))
      .map(({ tag, digest, reason, since }) => ({ tag, digest, reason, since })),
    next: nextStep({ scan, services: [known] }),
  }
}

const idOf = ({ namespace, service }: ServiceKey): string => serviceId({ namespace, name: service })

function serviceStatus(
  key: ServiceKey,
  decision: StoredDecision | undefined,
  upgrade: UpgradeRow | undefined,
  oldest: number,
  lists: ReadonlyMap<string, KnownRepository> = new Map(),
): ServiceStatus {
  const list = decision?.kind === 'suspicious' ? doubtedList(lists.get(decision.repository)) : null
  return {
    namespace: key.namespace,
    service: key.service,
    decision: decision ? shortOf(decision) : null,
    stale: !decision || decision.at.getTime() < oldest,
    upgrade: upgrade ?? null,
    needsPerson: personFor(decision, upgrade, list),
    ...(list ? { doubtedList: list } : {}),
  }
}

function shortOf({
  repository,
  kind,
  current,
  currentDigest,
  candidate,
  doubted,
  reason,
  policy,
  mode,
  at,
}: StoredDecision): NonNullable<ServiceStatus['decision']> {
  return {
    repository,
    kind,
    current,
    ...(currentDigest ? { currentDigest } : {}),
    ...(candidate ? { candidate } : {}),
    ...(doubted ? { doubted } : {}),
    reason,
    policy,
    mode,
    at,
  }
}

function personFor(
  decision: ShortDecision | undefined,
  upgrade: UpgradeRow | undefined,
  list: ShownList | null,
): string | null {
  if (upgrade?.outcome === 'held') return `the upgrade to ${upgrade.toTag} is held: ${upgrade.message}`
  if (upgrade?.phase === 'approval') return `the upgrade to ${upgrade.toTag} waits for an approval`
  if (decision?.kind === 'suspicious')
    return decision.doubted
      ? `its tag list can't be trusted: ${decision.reason}${list ? `; ${listWords(list)}` : ''}`
      : `it is suspicious: ${decision.reason}`
  return null
}
