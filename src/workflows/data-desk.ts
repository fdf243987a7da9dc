import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow'
import type { UpgradeKey } from '../activities/contracts'
import type { DataEntry, DataKey, PlannedData } from '../activities/data-contracts'
import { approvalStatus, waitsForWords } from '../domain/approval-status'
import type { DataStage, DataStatus } from '../domain/data-status'
import type { EventKind } from '../domain/event'
import type { Outcome } from '../domain/status'
import { newVotes, plainRules, type UpgradeRules, without } from '../domain/votes'
import { Ended, type Who } from './endings'
import { type Mail, Mailbox } from './mailbox'
import { dataStatusQuery } from './messages'
import { quick } from './proxies'
import { showData, showDataDetails } from './show-data'
import { Stoppable } from './stoppable'

/** What a data workflow takes along when it continues as new; all else is in the store and in the database. */
export interface DataWaiting {
  plan: PlannedData
  mail: Mail
  backfilled: boolean
  askedAt?: number
  escalated: boolean
  entered: Entered
  /** what its window last showed */
  shown?: string
}

/** How often each phase began anew. */
type Entered = Partial<Record<DataStage | 'waits', number>>

interface Entering {
  waitingFor?: string
  message: string
  /** ISO instant */
  opensAt?: string | undefined
}

/** Where people meet a running data workflow: shows it, records each step, waits. */
export class DataDesk extends Stoppable {
  plan: PlannedData | undefined
  readonly mailbox: Mailbox
  readonly status: DataStatus
  /** every proof found nothing left */
  backfilled: boolean
  askedAt: number | undefined
  escalated: boolean
  shown: string | undefined
  isDone = false
  private readonly entered: Entered

  constructor(
    private readonly upgrade: UpgradeKey,
    waiting: DataWaiting | undefined,
  ) {
    super()
    this.plan = waiting?.plan
    this.backfilled = waiting?.backfilled ?? false
    this.askedAt = waiting?.askedAt
    this.escalated = waiting?.escalated ?? false
    this.shown = waiting?.shown
    this.entered = { ...waiting?.entered }
    const [namespace = '', service = ''] = placeIn(workflowInfo().workflowId)
    const phase: DataStage = this.backfilled ? 'approval' : 'backfill'
    this.status = { namespace, service, phase, ...upgrade, waitingFor: '', since: now(), message: '', refusals: [] }
    const of = {
      rules: () => this.rules,
      key: () => this.plan && { upgradeId: this.plan.dataId, planHash: this.plan.planHash },
      // Nothing that a scan finds replaces what an upgrade has begun.
      candidateDigest: undefined,
      changed: () => this.messageTaken(),
    }
    this.mailbox = new Mailbox(of, waiting?.mail ?? { votes: newVotes(upgrade.planHash) })
    if (this.plan) this.planned(this.plan)
    setHandler(dataStatusQuery, () => this.status, { description: 'where backfill and contract stand' })
    this.mailbox.listen()
    this.mailbox.read()
    showData(this.status)
  }

  /** Before the plan is read nobody is heard who isn't verified. */
  get rules(): UpgradeRules {
    if (this.plan) return this.plan.rules
    const { approval } = plainRules(true, 0)
    return { approval: { ...approval, unverified: 'refuse' } }
  }

  /** Whether contract needs a person's yes. */
  get asks(): boolean {
    return this.rules.approval.required > 0
  }

  get mayGoOn(): boolean {
    return this.votes.status !== 'rejected'
  }

  key({ dataId, upgradeId, planHash }: PlannedData): DataKey {
    return { dataId, upgradeId, planHash }
  }

  /** Ends the story if somebody said no. */
  assertMayGoOn(): void {
    const { status, by, verified, reason } = this.votes
    if (status === 'rejected')
      throw new Ended('rejected', `rejected by ${by}${reason ? `: ${reason}` : ''}`, { by, verified })
  }

  planned(plan: PlannedData): void {
    this.plan = plan
    const { namespace, service, from, to } = plan
    Object.assign(this.status, { namespace, service, from, to })
    this.showVotes()
    this.mailbox.read()
  }

  /** From here on it is final: nobody takes an approval back. */
  begin(): void {
    this.votes = { ...this.votes, underway: true }
    this.showVotes()
  }

  /** An abort that comes from here on comes too late. */
  done(): void {
    this.isDone = true
  }

  /** An approval was taken back: the question is put again, with all of its time. */
  askAnew(): void {
    this.votes = { ...without(this.votes, 'snooze'), stoodMs: 0 }
    this.askedAt = undefined
    this.escalated = false
    this.shown = undefined
  }

  /** Moves to a phase and records it; `anew` when it is news that it does. */
  async enter(phase: DataStage, { waitingFor = '', message, opensAt }: Entering, anew = true): Promise<void> {
    Object.assign(this.status, { phase, waitingFor, message, opensAt, since: now() })
    this.showVotes()
    showData(this.status)
    const times = (this.entered[phase] = (this.entered[phase] ?? 0) + (anew || !this.entered[phase] ? 1 : 0))
    const expiresAt = phase === 'approval' ? this.askedAt && this.askedAt + this.rules.approval.expiresMs : undefined
    await this.record(`${phase}/${times}`, 'entered', message, expiresAt === undefined ? {} : { expiresAt })
  }

  /** Shows and records that it stands still within its phase; an empty `waitingFor` that it goes on. */
  async wait(waitingFor: string, message: string, opensAt?: string): Promise<void> {
    if (waitingFor === this.status.waitingFor && message === this.status.message) return
    Object.assign(this.status, { waitingFor, message, opensAt })
    showData(this.status)
    const times = (this.entered.waits = (this.entered.waits ?? 0) + 1)
    await this.record(`waits/${times}`, waitingFor === '' ? 'resumed' : 'waits', message)
  }

  /** Shows how far it is; nothing to record. */
  tell(message: string): void {
    this.status.message = message
    showDataDetails(this.status)
  }

  async record(
    key: string,
    kind: EventKind,
    message: string,
    extra: Pick<DataEntry, 'by' | 'verified' | 'outcome' | 'expiresAt'> = {},
  ): Promise<void> {
    if (!this.plan) return
    const { phase, waitingFor } = this.status
    const entry = { ...this.key(this.plan), key, phase, kind, message, waitingFor, ...extra }
    await quick.recordData.executeWithOptions({ summary: `${kind} ${extra.outcome ?? phase}` }, [entry])
  }

  /** An abort in the middle loses none. */
  recordNotes(): Promise<void> {
    return CancellationScope.nonCancellable(async () => {
      for (let note = this.mailbox.takeRefusal(); note; note = this.mailbox.takeRefusal())
        await this.record(note.key, note.kind, note.message, { by: note.by, verified: note.verified })
      for (const { key, kind, message, by, verified } of this.mailbox.takeNotes())
        await this.record(key, kind, message, { by, verified })
    })
  }

  async end(outcome: Outcome, message: string, who: Who = {}): Promise<DataStatus> {
    this.mailbox.close(outcome)
    await this.recordNotes()
    Object.assign(this.status, { outcome, message, waitingFor: '', opensAt: undefined, since: now() })
    showData(this.status)
    if (this.plan) await this.record('ended', 'data-ended', message, { ...who, outcome })
    else await quick.pageData({ ...this.upgrade, phase: 'backfill', reason: message })
    await condition(allHandlersFinished)
    return this.status
  }

  /** Waits until `done` or until the instant `until`; meanwhile records what people say and keeps the history short. */
  async waitFor(done: () => boolean, { until, summary }: { until?: number; summary: string }): Promise<void> {
    for (;;) {
      const left = until === undefined ? undefined : until - Date.now()
      if ((left !== undefined && left <= 0) || done()) return this.recordNotes()
      const isOver = (): boolean => done() || this.mailbox.hasNotes || this.isHistoryLong
      if (left === undefined) await condition(isOver)
      else await condition(isOver, left, { summary })
      this.throwIfStopped()
      await this.recordNotes()
      if (!done()) await this.stayShort()
    }
  }

  /** Goes on in a new run where this one's history is long. */
  async stayShort(): Promise<void> {
    if (!this.isHistoryLong || !this.plan) return
    await this.recordNotes()
    // An Update whose handler is not finished would be lost.
    await condition(allHandlersFinished)
    const { plan, backfilled, askedAt, escalated, entered, shown } = this
    await continueAsNew<(key: UpgradeKey, waiting?: DataWaiting) => Promise<unknown>>(this.upgrade, {
      ...{ plan, mail: this.mailbox.carried(), backfilled, escalated, entered },
      ...(askedAt === undefined ? {} : { askedAt }),
      ...(shown === undefined ? {} : { shown }),
    })
  }

  assertNotStopped(): void {
    this.throwIfStopped()
  }

  private messageTaken(): void {
    this.status.refusals = this.votes.refusals
    this.showVotes()
    const { phase, waitingFor, outcome } = this.status
    if (this.plan && phase === 'approval' && !outcome && this.votes.status === 'waiting')
      this.status.waitingFor = waitsForWords(this.plan.planHash, this.votes, this.rules)
    if (this.status.waitingFor === waitingFor) showDataDetails(this.status)
    else showData(this.status)
    this.stopIfAborted()
  }

  private showVotes(): void {
    if (this.plan) this.status.approval = approvalStatus(this.votes, this.rules, this.askedAt)
  }
}

const now = (): string => new Date().toISOString()

/** `refit/data/<namespace>/<service>` names both before the plan is read. */
function placeIn(workflowId: string): string[] {
  const [, namespace, service] = /^refit\/data\/([^/]+)\/(.+)$/.exec(workflowId) ?? []
  return [namespace ?? '', service ?? '']
}
