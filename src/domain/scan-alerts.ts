import { type Alert, codeBlock, type Hub, hubName, plain } from './alert'
import { changeWords, securityWords } from './change-words'
import { type ShortDecision as Decision, unjudgedKinds } from './decision'
import { type Outdated, outdatedText, upToDateText, warningText } from './ml-operator'
import type { Policy } from './policy'
import type { Service } from './service'
import { signatureAlerts, signatureTopics } from './signature-alerts'
import { supportAlerts, supportedTopics } from './support-alerts'
import type { Supported } from './supported'
import { wordList } from './text'

export interface ScanNews {
  hub: Hub
  config: {
    readonly policies: readonly Pick<Policy, 'name' | 'migrations' | 'signatures'>[]
    readonly supported: readonly Supported[]
  }
  decisions: readonly Decision[]
  /** `namespace/name` of services with an upgrade under way */
  moving: ReadonlySet<string>
  /** by `namespace/name`; those that are offered something, for the commands in ml-operator's words */
  services: ReadonlyMap<string, Service>
  /** every watched image was read */
  complete: boolean
  scanId: string
  /** epoch ms */
  now: number
}

const maxListed = 40

/**
 * What a scan has to say: at most one message on what can be upgraded, one on what can't be judged, one on what is
 * without support. All are made on every scan; the outbox drops those whose states (`news`) it knows.
 */
export function scanAlerts(scan: ScanNews): Alert[] {
  const watched = scan.decisions.filter(({ kind }) => kind !== 'unwatched')
  const unjudged = watched.filter(({ kind }) => unjudgedKinds.has(kind))
  const offered = watched.filter((decision) => isOffered(scan, decision))
  const alerts = supportAlerts({ ...scan, supported: scan.config.supported, decisions: watched })
  alerts.push(...signatureAlerts(scan, watched))
  if (offered.length > 0) alerts.push(digest(scan, watched, offered, unjudged))
  if (unjudged.length > 0 || !scan.complete) alerts.push(incomplete(scan, watched, unjudged))
  // While something moves nothing is quiet: its own alerts tell of it, and its end may bring news.
  const isQuiet = offered.length === 0 && unjudged.length === 0 && scan.complete && !watched.some(isMoving(scan))
  if (isQuiet) alerts.push(quiet(scan, watched))
  return alerts
}

/** Something that a person may want to move: also where only another tool may write the template. Not what moves already. */
function isOffered(scan: ScanNews, decision: Decision): boolean {
  const { kind, candidate, holds } = decision
  if (isMoving(scan)(decision)) return false
  if (kind === 'candidate' || kind === 'rebuilt') return true
  const owned = holds?.includes('owner') ?? ownerOf(serviceOf(scan, decision)) !== undefined
  return kind === 'held' && candidate !== undefined && owned
}

/** An upgrade under way tells its own story; half of it would look like a new candidate. */
const isMoving =
  ({ moving }: ScanNews) =>
  (decision: Decision): boolean =>
    moving.has(idOf(decision))

const idOf = ({ namespace, service }: Decision): string => `${namespace}/${service}`
const serviceOf = ({ services }: ScanNews, decision: Decision): Service | undefined => services.get(idOf(decision))
const ownerOf = (service: Service | undefined) => service?.workloads.find(({ owner }) => owner)?.owner

/** Topics of everything that was read: what is not news now must be news when it comes back. */
function settled(scan: ScanNews, watched: readonly Decision[], offered: readonly Decision[]): Record<string, string> {
  const states = { ...supportedTopics(watched), ...signatureTopics(scan.config.policies, watched) }
  for (const decision of watched) {
    if (unjudgedKinds.has(decision.kind)) continue
    states[`read/${idOf(decision)}`] = 'ok'
    if (isMoving(scan)(decision)) continue
    if (!offered.includes(decision)) states[`candidate/${idOf(decision)}`] = 'none'
  }
  return states
}

function digest(
  scan: ScanNews,
  watched: readonly Decision[],
  offered: readonly Decision[],
  unjudged: readonly Decision[],
): Alert {
  const outdated = offered.filter(({ candidate }) => candidate).map((decision) => outdatedOf(scan, decision))
  const title = `${offered.length} ${offered.length === 1 ? 'service' : 'services'} can be upgraded`
  const lines = offered.slice(0, maxListed).map(lineOf)
  if (offered.length > maxListed) lines.push(`… and ${offered.length - maxListed} more: \`refit status\``)
  const news = Object.fromEntries(
    offered.map((decision) => [
      `candidate/${idOf(decision)}`,
      `${decision.kind} ${decision.current} ${decision.candidate?.digest ?? decision.reason}`,
    ]),
  )
  const names = offered.slice(0, maxListed).map(idOf)
  return {
    key: 'scan/candidates',
    level: 'action',
    hub: scan.hub.name,
    title,
    text: [`${hubName(scan.hub)}: ${title}`, codeBlock(offered.slice(0, maxListed).map(commandOf)), ...lines].join(
      '\n',
    ),
    facts: { scan: scan.scanId, services: names.join(', ') },
    ...(outdated.length > 0 ? { mlOperatorText: outdatedText(outdated, unjudged.length) } : {}),
    news,
    settles: { ...settled(scan, watched, offered), 'scan/state': 'candidates' },
  }
}

/** An approval needs a plan hash, which is there once the plan is made: it comes with its own alert. */
const commandOf = (decision: Decision): string =>
  `refit ${decision.kind === 'candidate' && decision.mode === 'watch' ? 'plan' : 'status'} ${idOf(decision)}`

function outdatedOf(scan: ScanNews, decision: Decision): Outdated {
  const service = serviceOf(scan, decision)
  const migrations = scan.config.policies.find(({ name }) => name === decision.policy)?.migrations ?? []
  const owner = ownerOf(service)
  const because = owner
    ? `owned by ${owner.tool} ${owner.name}, which would set a patch back; change the tag there`
    : migrations.length > 0
      ? 'has data migrations that belong to the new version; let Refit do both, or follow the release notes'
      : undefined
  return { decision, service, insteadOfCommand: because }
}

function lineOf(decision: Decision): string {
  const { current, candidate, kind, mode, reason } = decision
  const name = `*${plain(idOf(decision))}*`
  if (kind === 'rebuilt') return `• ${name}: ${sentence(reason)}`
  const next =
    kind === 'held'
      ? ''
      : mode === 'approve'
        ? ' Its plan and the command that approves it follow.'
        : mode === 'automatic'
          ? ' It starts by itself in its next window.'
          : ' Its policy only watches.'
  return `• ${name} ${plain(current)} → ${plain(candidate?.tag ?? '')}${kind === 'held' ? ' is held' : ''}: ${sentence(reason)}${next}${withSpace(plain(securityWords(candidate)))}${withSpace(plain(changeWords(candidate)))}`
}

const withSpace = (words: string): string => (words ? ` ${words}` : '')

const sentence = (reason: string): string => `${plain(reason).replace(/\.$/, '')}.`

function incomplete(scan: ScanNews, watched: readonly Decision[], unjudged: readonly Decision[]): Alert {
  const suspicious = unjudged.some(({ kind }) => kind === 'suspicious')
  const title = `${unjudged.length} of ${watched.length} services could not be judged`
  const news = Object.fromEntries(unjudged.map((decision) => [`read/${idOf(decision)}`, decision.kind]))
  const offered = watched.filter((decision) => isOffered(scan, decision))
  const lines = unjudged
    .slice(0, maxListed)
    .map((decision) => `• *${plain(idOf(decision))}* ${decision.kind}: ${sentence(decision.reason)}`)
  if (unjudged.length > maxListed) lines.push(`… and ${unjudged.length - maxListed} more: \`refit status\``)
  const advice = suspicious ? ['A suspicious list changes nothing: look at the registry before you trust it.'] : []
  return {
    key: 'scan/incomplete',
    level: 'action',
    hub: scan.hub.name,
    title,
    text: [`${hubName(scan.hub)}: ${title}; nothing is said of them`, ...lines, ...advice].join('\n'),
    facts: { scan: scan.scanId, services: unjudged.slice(0, maxListed).map(idOf).join(', ') },
    // What can be upgraded goes out with its own warning.
    ...(offered.length === 0 ? { mlOperatorText: warningText(unjudged.length) } : {}),
    news: Object.keys(news).length > 0 ? news : { 'scan/state': 'incomplete' },
    settles: { ...settled(scan, watched, offered), ...(offered.length === 0 ? { 'scan/state': 'incomplete' } : {}) },
  }
}

/** Nothing to do. "Up to date" is said only if it is true of every watched service, and of at least one (law 1). */
function quiet(scan: ScanNews, watched: readonly Decision[]): Alert {
  const standing = watched.filter(({ kind }) => kind !== 'up-to-date')
  const base = { hub: scan.hub.name, facts: { scan: scan.scanId }, settles: settled(scan, watched, []) }
  const say = (state: string, level: Alert['level'], title: string, extra: Partial<Alert> = {}): Alert => ({
    ...base,
    key: 'scan/state',
    level,
    title,
    text: `${hubName(scan.hub)}: ${title}`,
    news: { 'scan/state': state },
    ...extra,
  })
  if (watched.length === 0)
    return say('nothing', 'action', 'no service is watched: no policy selects anything that runs')
  if (standing.length === 0)
    return say('up-to-date', 'info', `all ${watched.length} watched services are up to date`, {
      mlOperatorText: upToDateText,
    })
  const names = standing.map((decision) => `${idOf(decision)} (${decision.kind})`).sort()
  return say(`standing ${names.join(', ')}`, 'info', `nothing new; not up to date: ${plain(wordList(names))}`)
}
