import { allHandlersFinished, condition, continueAsNew, patched, setHandler } from '@temporalio/workflow'
import type { PlannedUpgrade, UpgradeInput } from '../activities/contracts'
import { approvalStatus, waitsForWords } from '../domain/approval-status'
import type { Outcome, Phase, UpgradeStatus } from '../domain/status'
import { completedVotes, newVotes, plainRules, type UpgradeRules, type Votes, without } from '../domain/votes'
import { Ended } from './endings'
import { Mailbox } from './mailbox'
import { statusQuery } from './messages'
import { quick } from './proxies'
import { type Extra, Recorder } from './recorder'
import { showDetails, showStatus } from './show-status'
import { Stoppable } from './stoppable'
import type { Entered, Waiting } from './waiting'

interface Entering {
  waitingFor?: string
  message: string
  /** ISO instant */
  opensAt?: string
  /** of a question: what whoever answers should know */
  warnings?: string[]
}

/**
 * Where an upgrade stands: shows it, records each phase and what people said, waits. Its mailbox is set up before
 * anything else happens, so that a message sent while no worker was up finds it.
 */
export class Desk extends Stoppable {
  plan: PlannedUpgrade | undefined
  readonly status: UpgradeStatus
  readonly mailbox: Mailbox
  readonly recorder: Recorder
  /** since when a person is asked; undefined: must be asked anew */
  askedAt: number | undefined
  escalated: boolean
  /** what `window` last showed: the same again is no news */
  shown: string | undefined
  /** whether each step asks whether it may go on; upgrades that began under an earlier build don't */
  hasGates = false
  /** whether short steps are taken in place; those of upgrades that began under an earlier build aren't */
  readonly isBrief = patched('brief-steps')
  /** whether the hub or its data may have been written to */
  hasWritten = false
  private readonly entered: Entered

  constructor(
    readonly input: UpgradeInput,
    waiting: Waiting | undefined,
  ) {
    super()
    this.plan = waiting?.plan
    this.askedAt = waiting?.askedAt
    this.escalated = waiting?.escalated ?? false
    this.shown = waiting?.shown
    this.entered = { ...(waiting && { approval: 1 }), ...waiting?.entered }
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
    const votes = waiting ? completedVotes(waiting.votes) : newVotes()
    const of = {
      rules: () => this.rules,
      key: () => this.plan,
      // Of a release's upgrade the release alone says what it goes to.
      candidateDigest: input.release ? undefined : input.candidate.digest,
      changed: () => this.messageTaken(),
    }
    this.mailbox = new Mailbox(of, { ...waiting?.mail, votes })
    this.recorder = new Recorder(this.status, this.mailbox, () => this.plan, this.isBrief, input.resume?.times)
    if (waiting) this.showPlan(waiting.plan)
    setHandler(statusQuery, () => this.status, { description: 'where the upgrade stands' })
    this.mailbox.listen()
    this.mailbox.read()
    showStatus(this.status)
  }

  override get votes(): Votes {
    return super.votes
  }

  override set votes(votes: Votes) {
    super.votes = votes
    this.showVotes()
  }

  /** Nobody who isn't verified resumes what stopped before anybody knew its plan. */
  private get rules(): UpgradeRules {
    if (this.plan) return this.plan.rules ?? plainRules(this.plan.approvalRequired, this.plan.expiresMs)
    const { approval } = plainRules(true, 0)
    return { approval: { ...approval, unverified: 'refuse' } }
  }

  /** Nothing starts that somebody said no to, or that something newer replaced, also where no approval is asked for. */
  get mayGoOn(): boolean {
    return this.votes.status !== 'rejected' && this.votes.status !== 'superseded'
  }

  /** Ends the story if it may not go on. */
  assertMayGoOn(): void {
    const { status, by, verified, reason } = this.votes
    if (status === 'rejected')
      throw new Ended('rejected', `rejected by ${by}${reason ? `: ${reason}` : ''}`, { by, verified })
    if (status === 'superseded') throw new Ended('superseded', reason)
  }

  planned(plan: PlannedUpgrade): void {
    this.plan = plan
    this.votes = { ...this.votes, planHash: plan.planHash }
    this.showPlan(plan)
    this.mailbox.read()
  }

  /** From here on it is carried out: nothing newer supersedes it, and nobody takes an approval back. */
  begin(): void {
    this.votes = { ...this.votes, underway: true }
    this.hasGates = patched('gate-before-each-step')
  }

  /** An approval was taken back: the question is put again, with all of its time. */
  askAnew(): void {
    this.votes = { ...without(this.votes, 'snooze'), stoodMs: 0 }
    this.askedAt = undefined
    this.escalated = false
    this.shown = undefined
  }

  /** Moves to a phase and records it; `anew` when it is news that it does. */
  async enter(phase: Phase, { waitingFor = '', message, opensAt, warnings }: Entering, anew = true): Promise<void> {
    Object.assign(this.status, { phase, waitingFor, message, opensAt, since: now() })
    this.showVotes()
    showStatus(this.status)
    const times = (this.entered[phase] = (this.entered[phase] ?? 0) + (anew || !this.entered[phase] ? 1 : 0))
    await this.recorder.record(
      times > 1 ? `${phase}/${times}` : phase,
      'entered',
      message,
      warnings ? { warnings } : {},
    )
  }

  /** Shows and records that it stands still within its phase; an empty `waitingFor` that it goes on. */
  async wait(waitingFor: string, message: string, opensAt?: string): Promise<void> {
    if (waitingFor === this.status.waitingFor && message === this.status.message) return
    Object.assign(this.status, { waitingFor, message, opensAt })
    showStatus(this.status)
    const times = (this.entered.waits = (this.entered.waits ?? 0) + 1)
    await this.recorder.record(`waits/${times}`, 'waits', message)
  }

  async end(outcome: Outcome, message: string, extra: Omit<Extra, 'outcome'> = {}): Promise<UpgradeStatus> {
    this.mailbox.close(outcome)
    const { heldReason } = extra
    Object.assign(this.status, { outcome, message, waitingFor: '', opensAt: undefined, since: now() })
    if (heldReason !== undefined) this.status.heldReason = heldReason
    showStatus(this.status)
    if (this.plan?.rules) await this.recorder.notes()
    if (this.plan) await this.recorder.record('ended', 'ended', message, { ...extra, outcome })
    else await quick.endUnplanned.executeWithOptions({ summary: outcome }, [{ ...this.input, outcome, message }])
    await condition(allHandlersFinished)
    return this.status
  }

  /** Waits until `done` or until the instant `until`; meanwhile records what people say and keeps the history short. */
  async waitFor(
    plan: PlannedUpgrade,
    done: () => boolean,
    { until, summary }: { until?: number; summary: string },
  ): Promise<void> {
    for (;;) {
      const left = until === undefined ? undefined : until - Date.now()
      if ((left !== undefined && left <= 0) || done()) return this.recorder.accepted()
      const isOver = (): boolean => done() || this.mailbox.hasNotes || this.isFull
      if (left === undefined) await condition(isOver)
      else await condition(isOver, left, { summary })
      await this.recorder.refusals()
      this.throwIfStopped()
      if (done()) continue
      await this.recorder.accepted()
      if (this.isFull && !done()) await this.continueAsNew(plan)
    }
  }

  private async continueAsNew(plan: PlannedUpgrade): Promise<void> {
    // An Update whose handler is not finished would be lost.
    await condition(allHandlersFinished)
    await this.recorder.notes()
    const { votes, ...mail } = this.mailbox.carried()
    const { escalated, entered, shown, askedAt = Date.now() } = this
    await continueAsNew<(input: UpgradeInput, waiting?: Waiting) => Promise<UpgradeStatus>>(this.input, {
      ...{ plan, votes, mail, askedAt, escalated, entered },
      ...(shown === undefined ? {} : { shown }),
    })
  }

  /** What is underway has an undo in memory, and stays in its run. */
  private get isFull(): boolean {
    return !this.votes.underway && this.isHistoryLong
  }

  private messageTaken(): void {
    this.status.refusals = this.votes.refusals
    this.showVotes()
    const { phase, waitingFor, outcome } = this.status
    if (this.plan && phase === 'approval' && !outcome && this.votes.status === 'waiting')
      this.status.waitingFor = waitsForWords(this.plan.planHash, this.votes, this.rules)
    if (this.status.waitingFor === waitingFor) showDetails(this.status)
    else showStatus(this.status)
    this.stopIfAborted()
  }

  private showVotes(): void {
    if (this.plan) this.status.approval = approvalStatus(this.votes, this.rules, this.askedAt)
  }

  private showPlan(plan: PlannedUpgrade): void {
    Object.assign(this.status, {
      ...{ upgradeId: plan.upgradeId, planHash: plan.planHash, from: plan.from },
      ...(plan.warnings ? { warnings: plan.warnings } : {}),
    })
    this.showVotes()
  }
}

const now = (): string => new Date().toISOString()
