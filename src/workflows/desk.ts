import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { PlannedUpgrade, UpgradeInput } from '../activities/contracts'
import { newVotes, parseMessage, receive, type Verb, type Votes } from '../domain/approval'
import type { EventKind } from '../domain/event'
import type { Outcome, Phase, UpgradeStatus } from '../domain/status'
import * as messages from './messages'
import { Ended, type Stop } from './endings'
import { quick } from './proxies'
import { showStatus } from './show-status'

/** What a waiting upgrade takes along when it continues as new. */
export interface Waiting {
  plan: PlannedUpgrade
  votes: Votes
  askedAt: number
}

interface Entering {
  waitingFor?: string
  message: string
}

/** A busy mailbox is emptied into a new run well before the server's 10,000 signals. */
const historyEventsPerRun = 4_000

/**
 * Where people meet a running upgrade: takes their messages, shows where it stands, records each phase. Handlers are set
 * before anything else happens, so that a message sent while no worker was up finds them.
 */
export class Desk {
  plan: PlannedUpgrade | undefined
  votes: Votes
  readonly status: UpgradeStatus
  private askedAt: number | undefined
  private recordedRefusals = 0
  private readonly scope = new CancellationScope()

  constructor(
    readonly input: UpgradeInput,
    waiting: Waiting | undefined,
  ) {
    this.votes = waiting?.votes ?? newVotes()
    this.plan = waiting?.plan
    this.askedAt = waiting?.askedAt
    this.status = {
      namespace: input.namespace,
      service: input.service,
      phase: waiting ? 'approval' : 'plan',
      to: input.candidate.tag,
      waitingFor: '',
      since: now(),
      message: '',
      refusals: [],
    }
    if (waiting) this.showPlan(waiting.plan)
    this.listen()
    showStatus(this.status)
  }

  get isApproved(): boolean {
    return this.votes.status === 'approved'
  }

  /** Set once somebody asked for the upgrade to stop, by message or by Cancel. */
  get stop(): Stop | undefined {
    return this.votes.abort ?? (this.scope.consideredCancelled ? {} : undefined)
  }

  /** Runs the story until it ends, or until an abort or a cancel request cancels what it waits for. */
  async untilAborted(story: () => Promise<void>): Promise<void> {
    if (this.votes.abort) this.scope.cancel()
    await this.scope.run(story)
    // An abort that was accepted during the very last step counts.
    this.throwIfStopped()
  }

  private throwIfStopped(): void {
    if (this.scope.consideredCancelled) throw new CancelledFailure('stopped')
  }

  /** Nothing starts that somebody said no to, or that something newer replaced, also where no approval is asked for. */
  get mayGoOn(): boolean {
    return this.votes.status !== 'rejected' && this.votes.status !== 'superseded'
  }

  /** Ends the story if it may not go on. */
  assertMayGoOn(): void {
    const { status, by, reason } = this.votes
    if (status === 'rejected') throw new Ended('rejected', `rejected by ${by}${reason ? `: ${reason}` : ''}`, by)
    if (status === 'superseded') throw new Ended('superseded', reason)
  }

  planned(plan: PlannedUpgrade): void {
    this.plan = plan
    this.votes = { ...this.votes, planHash: plan.planHash }
    this.showPlan(plan)
  }

  /** Moves to a phase and records it. Returns the workflow's time (epoch ms) at which the phase first began. */
  async enter(phase: Phase, { waitingFor = '', message }: Entering): Promise<number> {
    Object.assign(this.status, { phase, waitingFor, message, since: now() })
    if (phase === 'preflight') this.votes = { ...this.votes, underway: true }
    showStatus(this.status)
    await this.record(phase, 'entered', message, { waitingFor })
    if (phase === 'approval') return (this.askedAt ??= Date.now())
    return Date.now()
  }

  /** Records that something happened within the phase. */
  async note(kind: EventKind, message: string, by?: string): Promise<void> {
    await this.record(`${this.status.phase}/${kind}`, kind, message, { by })
  }

  async end(outcome: Outcome, message: string, by?: string): Promise<UpgradeStatus> {
    this.votes = { ...this.votes, closed: outcome }
    Object.assign(this.status, { outcome, message, waitingFor: '', since: now() })
    showStatus(this.status)
    if (this.plan) await this.record('ended', 'ended', message, { by, outcome })
    else await quick.endUnplanned.executeWithOptions({ summary: outcome }, [{ ...this.input, outcome, message }])
    return this.status
  }

  /** Waits until `done` or until the instant `until`; meanwhile records refused messages and keeps the history short. */
  async waitFor(
    plan: PlannedUpgrade,
    done: () => boolean,
    { until, summary }: { until: number; summary: string },
  ): Promise<void> {
    for (;;) {
      const left = until - Date.now()
      if (left <= 0 || done()) return
      await condition(() => done() || this.hasNews() || this.isFull(), left, { summary })
      await this.recordRefusals()
      this.throwIfStopped()
      if (this.isFull() && !done())
        await continueAsNew<(input: UpgradeInput, waiting?: Waiting) => Promise<UpgradeStatus>>(this.input, {
          plan,
          votes: this.votes,
          askedAt: this.askedAt ?? Date.now(),
        })
    }
  }

  private hasNews(): boolean {
    return this.recordedRefusals < Math.min(this.votes.refusals.length, maxRecordedRefusals)
  }

  private isFull(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo()
    return continueAsNewSuggested || historyLength > historyEventsPerRun
  }

  private listen(): void {
    const {
      approveSignal,
      rejectSignal,
      abortSignal,
      supersedeSignal,
      approveUpdate,
      rejectUpdate,
      abortUpdate,
      statusQuery,
    } = messages
    setHandler(statusQuery, () => this.status, { description: 'where the upgrade stands' })
    // A signal is read whatever it holds; what can't be understood is kept as refused.
    setHandler(approveSignal, (input) => void this.take('approve', input))
    setHandler(rejectSignal, (input) => void this.take('reject', input))
    setHandler(abortSignal, (input) => void this.take('abort', input))
    setHandler(supersedeSignal, (input) => this.supersede(input))
    for (const [verb, update] of [
      ['approve', approveUpdate],
      ['reject', rejectUpdate],
      ['abort', abortUpdate],
    ] as const)
      setHandler(update, (input) => this.take(verb, input), {
        description: `${verb} this upgrade`,
        // Synchronous on purpose: the SDK ignores a promise here and would accept everything.
        validator: (input) => this.refuse(verb, input),
      })
  }

  private take(verb: Verb, input: unknown): messages.Receipt {
    const parsed = parseMessage(verb, input)
    const result = receive(this.votes, parsed)
    this.votes = result.votes
    this.status.refusals = result.votes.refusals
    if (this.votes.abort && !this.votes.closed) this.scope.cancel()
    return { accepted: result.accepted, message: result.message }
  }

  /** Scans repeat what they see, and the same candidate is no news. */
  private supersede(input: unknown): void {
    const digest = (input as { digest?: unknown } | null)?.digest
    // Of a release's upgrade the release alone says what it goes to.
    if (digest !== this.input.candidate.digest && !this.input.release) this.take('supersede', input)
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
        await this.record(`refused/${this.recordedRefusals}`, 'refused', `${refusal.verb} refused: ${refusal.reason}`, {
          by: refusal.by,
        })
    }
  }

  private async record(
    key: string,
    kind: EventKind,
    message: string,
    extra: { by?: string; waitingFor?: string; outcome?: Outcome },
  ): Promise<void> {
    if (!this.plan) return
    const { upgradeId, planHash } = this.plan
    const entry = { upgradeId, planHash, key, phase: this.status.phase, kind, message, ...extra }
    await quick.record.executeWithOptions({ summary: `${kind} ${extra.outcome ?? this.status.phase}` }, [entry])
  }

  private showPlan(plan: PlannedUpgrade): void {
    Object.assign(this.status, { upgradeId: plan.upgradeId, planHash: plan.planHash, from: plan.from })
  }
}

const maxRecordedRefusals = 20
const now = (): string => new Date().toISOString()
