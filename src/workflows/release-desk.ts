import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { PlannedRelease, ReleaseEntry, ReleaseInput } from '../activities/release-contracts'
import { newVotes, parseMessage, receive, type Verb, type Votes } from '../domain/approval'
import type { ReleasePhase, ReleaseStatus } from '../domain/release-status'
import type { Outcome } from '../domain/status'
import { Ended, type Stop } from './endings'
import * as messages from './messages'
import { quick } from './proxies'
import { showRelease } from './show-release'

/** What a release takes along when it continues as new; all else is in the store. */
export interface ReleaseWaiting {
  votes: Votes
  askedAt?: number
}

interface Entering {
  waitingFor?: string
  message: string
}

/** A busy mailbox is emptied into a new run well before the server's 10,000 signals. */
const historyEventsPerRun = 4_000
const maxRecordedRefusals = 20

/** Where people meet a running release: takes their messages, shows where it stands, records each step. */
export class ReleaseDesk {
  plan: PlannedRelease | undefined
  votes: Votes
  /** an upgrade of it may have been started */
  begun = false
  /** how often somebody said that it is worth looking again */
  wakes = 0
  readonly status: ReleaseStatus
  private askedAt: number | undefined
  private recordedRefusals = 0
  private readonly scope = new CancellationScope()

  constructor(
    readonly input: ReleaseInput,
    waiting: ReleaseWaiting | undefined,
  ) {
    this.votes = waiting?.votes ?? newVotes()
    this.askedAt = waiting?.askedAt
    const { release, releaseId } = input
    this.status = {
      ...{ release, releaseId, phase: 'plan', waitingFor: '', since: now(), message: '', waves: [] },
      refusals: this.votes.refusals,
    }
    this.listen()
    showRelease(this.status)
  }

  get isApproved(): boolean {
    return this.votes.status === 'approved'
  }

  /** Set once somebody asked for the release to stop, by message or by Cancel. */
  get stop(): Stop | undefined {
    return this.votes.abort ?? (this.scope.consideredCancelled ? {} : undefined)
  }

  get mayGoOn(): boolean {
    return this.votes.status !== 'rejected'
  }

  /** Ends the story if somebody said no. */
  assertMayGoOn(): void {
    const { status, by, reason } = this.votes
    if (status === 'rejected') throw new Ended('rejected', `rejected by ${by}${reason ? `: ${reason}` : ''}`, by)
  }

  /** Runs the story until it ends, or until an abort or a cancel request cancels what it waits for. */
  async untilAborted(story: () => Promise<void>): Promise<void> {
    if (this.votes.abort) this.scope.cancel()
    await this.scope.run(story)
    this.throwIfStopped()
  }

  planned(plan: PlannedRelease): void {
    this.plan = plan
    this.begun ||= plan.begun
    this.votes = { ...this.votes, planHash: plan.planHash }
    const line = (wave: PlannedRelease['waves'][number]): string =>
      wave
        .map(({ namespace, service, from, candidate }) => `${namespace}/${service} ${from} → ${candidate.tag}`)
        .join(', ')
    Object.assign(this.status, { planHash: plan.planHash, waves: plan.waves.map(line) })
    showRelease(this.status)
  }

  /** Moves to a phase and records it. Returns the workflow's time (epoch ms) at which the phase first began. */
  async enter(phase: ReleasePhase, { waitingFor = '', message }: Entering): Promise<number> {
    Object.assign(this.status, { phase, waitingFor, message, since: now() })
    showRelease(this.status)
    await this.record({ key: phase, kind: 'entered', message, waitingFor })
    if (phase === 'approval') return (this.askedAt ??= Date.now())
    return Date.now()
  }

  /** The record of it is the activity's that begins the wave. */
  async enterWave(wave: number, of: number): Promise<void> {
    const message = `wave ${wave + 1} of ${of}: ${this.status.waves[wave]}`
    Object.assign(this.status, { wave: { number: wave + 1, of }, message, waitingFor: '' })
    this.votes = { ...this.votes, underway: true }
    if (this.status.phase !== 'rollout') await this.enter('rollout', { message })
    showRelease(this.status)
  }

  async note(kind: 'approved', message: string, by: string): Promise<void> {
    await this.record({ key: `${this.status.phase}/${kind}`, kind, message, by })
  }

  async undone(id: string): Promise<void> {
    await this.record({ key: `undone/${id}`, kind: 'undone', message: `${id} is put back` })
  }

  async end(outcome: Outcome, message: string, by?: string): Promise<ReleaseStatus> {
    this.votes = { ...this.votes, closed: outcome }
    Object.assign(this.status, { outcome, message, waitingFor: '', since: now() })
    showRelease(this.status)
    await this.record({ key: 'ended', kind: 'ended', message, by, outcome })
    return this.status
  }

  /** Waits until `done` or until the instant `until`; meanwhile records refused messages and keeps the history short. */
  async waitFor(done: () => boolean, { until, summary }: { until: number; summary: string }): Promise<void> {
    for (;;) {
      const left = until - Date.now()
      if (left <= 0 || done()) return
      await condition(() => done() || this.hasNews() || this.isFull(), left, { summary })
      await this.recordRefusals()
      this.throwIfStopped()
      if (this.isFull() && !done()) await this.continueAsNew()
    }
  }

  /** Work that a new run takes up where the store says that it stands. */
  async whileNotFull(work: () => Promise<void>): Promise<void> {
    const scope = new CancellationScope()
    const working = scope.run(work)
    const full = scope.run(() => condition(() => this.isFull())).then(() => 'full' as const)
    const first = await Promise.race([working.then(() => 'done' as const), full])
    scope.cancel()
    full.catch(() => undefined)
    if (first === 'done') return
    await working.catch(() => undefined)
    await this.continueAsNew()
  }

  private async continueAsNew(): Promise<void> {
    await continueAsNew<(input: ReleaseInput, waiting?: ReleaseWaiting) => Promise<ReleaseStatus>>(this.input, {
      votes: this.votes,
      ...(this.askedAt === undefined ? {} : { askedAt: this.askedAt }),
    })
  }

  private throwIfStopped(): void {
    if (this.scope.consideredCancelled) throw new CancelledFailure('stopped')
  }

  private hasNews(): boolean {
    return this.recordedRefusals < Math.min(this.votes.refusals.length, maxRecordedRefusals)
  }

  private isFull(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo()
    return continueAsNewSuggested || historyLength > historyEventsPerRun
  }

  private listen(): void {
    const { approveSignal, rejectSignal, abortSignal, approveUpdate, rejectUpdate, abortUpdate } = messages
    setHandler(messages.releaseStatusQuery, () => this.status, { description: 'where the release stands' })
    // A signal is read whatever it holds; what can't be understood is kept as refused.
    setHandler(approveSignal, (input) => void this.take('approve', input))
    setHandler(rejectSignal, (input) => void this.take('reject', input))
    setHandler(abortSignal, (input) => void this.take('abort', input))
    setHandler(messages.wakeSignal, () => void (this.wakes += 1))
    for (const [verb, update] of [
      ['approve', approveUpdate],
      ['reject', rejectUpdate],
      ['abort', abortUpdate],
    ] as const)
      setHandler(update, (input) => this.take(verb, input), {
        description: `${verb} this release`,
        // Synchronous on purpose: the SDK ignores a promise here and would accept everything.
        validator: (input) => this.refuse(verb, input),
      })
  }

  private take(verb: Verb, input: unknown): messages.Receipt {
    const result = receive(this.votes, parseMessage(verb, input))
    this.votes = result.votes
    this.status.refusals = result.votes.refusals
    if (this.votes.abort && !this.votes.closed) this.scope.cancel()
    return { accepted: result.accepted, message: result.message }
  }

  private refuse(verb: Verb, input: unknown): void {
    const result = receive(this.votes, parseMessage(verb, input))
    if (!result.accepted) throw ApplicationFailure.nonRetryable(result.message, 'APPROVAL_REFUSED')
  }

  private async recordRefusals(): Promise<void> {
    while (this.hasNews()) {
      const refusal = this.votes.refusals[this.recordedRefusals]
      this.recordedRefusals += 1
      if (refusal)
        await this.record({
          key: `refused/${this.recordedRefusals}`,
          kind: 'refused',
          message: `${refusal.verb} refused: ${refusal.reason}`,
          by: refusal.by,
        })
    }
  }

  private async record(entry: Omit<ReleaseEntry, 'releaseId' | 'phase'>): Promise<void> {
    const { releaseId } = this.input
    const summary = `${entry.kind} ${entry.outcome ?? this.status.phase}`
    await quick.recordRelease.executeWithOptions({ summary }, [{ releaseId, phase: this.status.phase, ...entry }])
  }
}

const now = (): string => new Date().toISOString()
