import { createHash } from 'node:crypto'
import { policyFor, supportOf } from '../config'
import type { DecideInput } from '../domain/decide'
import type { Service } from '../domain/service'
import type { ServiceKey } from '../store/contracts'
import { isLive } from '../domain/supported'
import type { Dependencies } from './dependencies'
import type { Rulings } from './rulings'

/** A service as a scan observed it. */
export interface ObservedService {
  service: Service
  /** of the nodes that run its pods; empty when they can't be told */
  platforms: string[]
}

/** All that a decision on one service is made from, but for what the registry says. */
export interface Question {
  input: Omit<DecideInput, 'tags' | 'now' | 'accepted'>
  /** digest -> reason */
  rejected: Record<string, string>
  /** ranges of the supported lines that have not ended */
  live: string[]
}

export function questionOf(
  config: Dependencies['config'],
  rulings: Rulings,
  { service, platforms }: ObservedService,
  now: number,
): Question {
  const mine = (row: ServiceKey): boolean => row.namespace === service.namespace && row.service === service.name
  const held = rulings.held.find(mine)
  const support = supportOf(config, service.repository, now)
  const policy = policyFor(config, service.namespace, service.repository)
  return {
    input: {
      service,
      ...(policy ? { policy } : {}),
      quarantined: rulings.quarantine.filter(mine).map(({ tag, digest, reason }) => ({ tag, digest, reason })),
      ...(held ? { heldBy: `upgrade ${held.id} needs a person: ${held.message}` } : {}),
      ...support,
      marks: Object.fromEntries(
        rulings.marks
          .filter(mine)
          .map(({ version, reason, digest }) => [version, { reason, ...(digest === null ? {} : { digest }) }]),
      ),
      nodePlatforms: platforms,
    },
    live: support.lines.filter((line) => isLive(line, now)).map(({ range }) => range),
    rejected: Object.fromEntries(rulings.rejected.filter(mine).map(({ digest, reason }) => [digest, reason])),
  }
}

/** Raise it with every change of the rules in domain/, or of what a decision says: else decisions of an earlier build stand. */
const rulesVersion = 4

/**
 * A hash of all that a decision is made from: while it, the watched digest and the clock stand, so does the decision.
 * What changes without meaning anything for it, such as the number of replicas, is left out.
 */
export function fingerprint({ input, rejected, live }: Question, list: { hash: string; accepted: string }): string {
  const { service, ...rest } = input
  const workloads = service.workloads.map(({ name, uid, containers, owner }) => ({ name, uid, containers, owner }))
  const { repository, runningDigests } = service
  const all = { rules: rulesVersion, list, rest, rejected, live, service: { repository, runningDigests, workloads } }
  return createHash('sha1').update(JSON.stringify(all)).digest('hex')
}
