import { waitsForRequest } from '../domain/approval-status'
import { unjudgedKinds } from '../domain/decision'
import { heldAdvice } from '../domain/held'
import type { HubStatus, ServiceStatus } from './status'

export interface NextStep {
  /** what to run; null when there is nothing to do */
  command: string | null
  /** a sentence: why this */
  why: string
}

/** The one thing that a person should do now: what is broken before what waits, what waits before what could be done. */
export function nextStep({ scan, services }: Pick<HubStatus, 'scan' | 'services'>): NextStep {
  const find = (is: (each: ServiceStatus) => boolean): { id: string; row: ServiceStatus } | undefined => {
    const row = services.find(is)
    return row && { id: `${row.namespace}/${row.service}`, row }
  }
  const held = find(({ upgrade }) => upgrade?.outcome === 'held')
  if (held)
    return {
      command: `refit history --upgrade ${held.row.upgrade?.id} --logs`,
      why: `${held.id} is held and needs a person: ${heldAdvice({ ...held.row, id: held.row.upgrade?.id ?? '', reason: held.row.upgrade?.heldReason }).page}.`,
    }
  const waiting = find(({ upgrade }) => upgrade?.phase === 'approval')
  if (waiting) {
    const { planHash, waitingFor = '' } = waiting.row.upgrade ?? {}
    return waitsForRequest(waitingFor)
      ? { command: `refit request ${waiting.id}`, why: `${waiting.id} waits for a request of plan ${planHash}.` }
      : { command: `refit approve ${waiting.id}`, why: `${waiting.id} waits for an approval of plan ${planHash}.` }
  }
  if (!scan) return { command: 'refit scan', why: 'No scan has run yet, so nothing is known.' }
  if (scan.stale) return { command: 'refit doctor', why: 'The last scan is too old to be believed.' }
  const moving = find(({ upgrade }) => upgrade !== null)
  if (moving)
    return { command: `refit status ${moving.id}`, why: `${moving.id} is in phase ${moving.row.upgrade?.phase}.` }
  const unjudged = find(({ decision }) => decision !== null && unjudgedKinds.has(decision.kind))
  if (unjudged?.row.decision?.kind === 'suspicious') {
    const { reason, doubted } = unjudged.row.decision
    const advice = doubted
      ? `If that is right, refit accept ${unjudged.id} --reason TEXT trusts its list once.`
      : 'Mend it in the registry or in the bill of materials.'
    return {
      command: `refit explain ${unjudged.id}`,
      why: `${unjudged.id} can't be judged: ${bare(reason)}. ${advice}`,
    }
  }
  if (unjudged)
    return {
      command: `refit status ${unjudged.id}`,
      why: `${unjudged.id} can't be judged: ${bare(unjudged.row.decision?.reason ?? '')}.`,
    }
  const candidate = find(({ decision }) => decision?.kind === 'candidate')
  if (candidate?.row.decision?.mode === 'watch')
    return {
      command: `refit plan ${candidate.id}`,
      why: `${candidate.id} could be upgraded; its policy only watches, so this shows what would be done.`,
    }
  if (candidate)
    return {
      command: `refit plan ${candidate.id}`,
      why: `${candidate.id} has a candidate, but no upgrade of it is open. Either the next scan starts it, or it was refused: its plan says so and why.`,
    }
  return { command: null, why: 'Nothing waits for you.' }
}

/** A reason that is an error's sentence ends with a full stop already. */
const bare = (reason: string): string => reason.replace(/\.$/, '')
