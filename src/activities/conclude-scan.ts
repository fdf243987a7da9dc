import { callHeartbeat } from '../clients/heartbeat'
import { type ShortDecision, unreadKinds } from '../domain/decision'
import { scanAlerts } from '../domain/scan-alerts'
import { type Service, serviceId } from '../domain/service'
import type { ServiceKey, Store, UpgradeRow } from '../store/contracts'
import { withHeartbeat } from './beat'
import type { Observed, ScanScope, ScanSummary, UpgradeInput } from './contracts'
import type { Dependencies } from './dependencies'
import { enqueue } from './enqueue'
import { cancelUnrecorded } from './unrecorded'

/** Children of one workflow; what is more is started by the next scan. Temporal takes at most 2,000 that are open. */
const startsPerScan = 500

/** Pods over time fill a store, and are looked at soon or never: events and verdicts stay. */
const samplesKeptMs = 90 * 86_400_000

/** Ends a scan: forgets what is gone, says what is news, and names the upgrades to start. */
export const concludeScan = (deps: Dependencies) => (scan: ScanScope & Observed) =>
  withHeartbeat(
    () => 'concluding',
    () => conclude(deps, scan),
  )

async function conclude(deps: Dependencies, scan: ScanScope & Observed): Promise<ScanSummary> {
  const { store, registry, logger, meter } = deps
  const { scanId, only, failed = [] } = scan
  const startedAt = new Date(scan.startedAt)
  const isWhole = only === undefined
  // What a batch that was given up would have seen is still there.
  if (isWhole && failed.length === 0) await store.decisions.forget(startedAt)
  if (isWhole) await store.healthSamples.forget(new Date(scan.startedAt - samplesKeptMs))
  const decisions = (await store.decisions.list()).filter(
    ({ repository, at }) => isWhole || (only.includes(repository) && at >= startedAt),
  )
  const complete = failed.length === 0 && !decisions.some(({ kind }) => unreadKinds.has(kind))
  const summary = summaryOf(decisions)
  if (isWhole) await store.scans.save({ id: scanId, startedAt, endedAt: new Date(), complete, summary })
  const open = await store.upgrades.listOpen()
  await tellNews(deps, scan, { decisions, open, complete })
  const released = await servicesInRelease(store)
  await store.batches.remove(scanId)
  if (isWhole && complete) await beatHeart(deps)
  meter?.scanned({ complete, hinted: !isWhole, seconds: (Date.now() - scan.startedAt) / 1_000 })
  logger.info({ scanId, summary, complete, requests: registry.requests() }, 'scan concluded')
  const start = upgradesToStart(decisions, open, released).slice(0, startsPerScan)
  await cancelUnrecorded(deps, start, open)
  return { complete, summary, start }
}

/** `namespace/name` of what an open release upgrades: it alone says when. */
async function servicesInRelease(store: Store): Promise<ReadonlySet<string>> {
  const rows = await Promise.all((await store.releases.listOpen()).map(({ id }) => store.releases.services(id)))
  return new Set(rows.flat().map(({ namespace, service }) => `${namespace}/${service}`))
}

/** Silence is the alarm, so only a complete scan breaks it; what fails now is called again after the next one. */
async function beatHeart({ config, logger }: Dependencies): Promise<void> {
  if (config.heartbeat === undefined) return
  const failure = await callHeartbeat(config.heartbeat)
  if (failure !== undefined)
    logger.warn({ failure }, 'the heartbeat could not be called; the next complete scan calls it')
}

/** A scan of a few repositories tells of candidates only: of the rest it has seen too little. */
async function tellNews(
  { config, store, notifiers }: Dependencies,
  { scanId, only, batches }: ScanScope & Observed,
  seen: { decisions: readonly ShortDecision[]; open: readonly UpgradeRow[]; complete: boolean },
): Promise<void> {
  const { decisions, open, complete } = seen
  const wantsCommands = config.alerts.some((target) => target.kind === 'slack' && target.format === 'ml-operator')
  const services = wantsCommands ? await offeredServices(store, scanId, batches, decisions) : new Map<string, Service>()
  const moving = new Set(open.map(idOf))
  const news = { hub: config.hub, config, decisions, moving, services, complete, scanId, now: Date.now() }
  for (const alert of scanAlerts(news))
    if (only === undefined || alert.key === 'scan/candidates') await enqueue({ store, notifiers }, alert)
}

/** An upgrade that carries the very candidate needs no message: each would lengthen its history. */
function upgradesToStart(
  decisions: readonly ShortDecision[],
  open: readonly UpgradeRow[],
  released: ReadonlySet<string>,
): UpgradeInput[] {
  const underway = new Set(open.map((each) => `${idOf(each)} ${each.toDigest}`))
  const isUnderway = (decision: ShortDecision): boolean =>
    released.has(idOf(decision)) || underway.has(`${idOf(decision)} ${decision.candidate?.digest}`)
  return decisions.flatMap((decision) => (isUnderway(decision) ? [] : startOf(decision)))
}

/** The upgrade to start, where the policy lets Refit act on the decision. */
function startOf({ kind, mode, namespace, service, candidate }: ShortDecision): UpgradeInput[] {
  if (kind !== 'candidate' || !candidate || !mode || mode === 'watch') return []
  return [{ namespace, service, candidate: { tag: candidate.tag, digest: candidate.digest } }]
}

const idOf = ({ namespace, service }: ServiceKey): string => `${namespace}/${service}`

function summaryOf(decisions: ShortDecision[]): string {
  const counts = new Map<string, number>()
  for (const { kind } of decisions) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'no services'
}

/** The services that alerts say more of, a batch at a time: what runs in a large hub doesn't fit in memory well. */
async function offeredServices(
  store: Store,
  scanId: string,
  batches: Observed['batches'],
  decisions: readonly ShortDecision[],
): Promise<Map<string, Service>> {
  const offered = new Set(
    decisions.filter(({ candidate }) => candidate).map(({ namespace, service }) => `${namespace}/${service}`),
  )
  const services = new Map<string, Service>()
  if (offered.size === 0) return services
  for (const { position } of batches)
    for (const { service } of (await store.batches.read(scanId, position))?.services ?? [])
      if (offered.has(serviceId(service))) services.set(serviceId(service), service)
  return services
}
