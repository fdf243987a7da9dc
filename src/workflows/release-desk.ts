import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  patched,
  setHandler,
} from '@temporalio/workflow'
import type { PlannedRelease, ReleaseEntry, ReleaseInput } from '../activities/release-contracts'
import { tallyWords, newVotes, plainRules, type UpgradeRules } from '../domain/votes'
import type { ReleasePhase, ReleaseStatus } from '../domain/release-status'
import type { Outcome } from '../domain/status'
import { Ended, type Who } from './endings'
import { type Mail, Mailbox } from './mailbox'
import { releaseStatusQuery } from './messages'
import { quick } from './proxies'
import { showRelease, showReleaseDetails } from './show-release'
import { Stoppable } from './stoppable'

/** What a release takes along when it continues as new; all else is in the store. */
export interface ReleaseWaiting {
  mail: Mail
  /** since when a person is asked, and how often the question was put anew */
  askedAt?: number
  asked: number
  escalated: boolean
  /** what its window last showed, and how often that changed */
  window?: { words: string; changes: number }
}

interface Entering {
  waitingFor?: string
  message: string
}

/** Where people meet a running release: shows it, records each step, waits. */
export class ReleaseDesk extends Stoppable {
  plan: PlannedRelease | undefined
  readonly mailbox: Mailbox
  /** an upgrade of it may have been started */
  begun = false
  askedAt: number | undefined
  asked: number
  escalated: boolean
  readonly status: ReleaseStatus
  private window: { words: string; changes: number }

  constructor(
    readonly input: ReleaseInput,
    waiting: ReleaseWaiting | undefined,
  ) {
    super()
    this.askedAt = waiting?.askedAt
    this.asked = waiting?.asked ?? 0
    this.escalated = waiting?.escalated ?? false
    this.window = waiting?.window ?? { words: '', changes: 0 }
    const { release, releaseId } = input
    this.status = {
      release,
      releaseId,
      phase: 'plan',
      waitingFor: '',
      since: now(),
      message: '',
      waves: [],
      refusals: [],
    }
    const of = {
      rules: () => this.rules,
      key: () => this.plan && { upgradeId: releaseId, planHash: this.plan.planHash },
      // A person says what is newer than a release.
      candidateDigest: undefined,
      changed: () => this.messageTaken(),
    }
    this.mailbox = new Mailbox(of, waiting?.mail ?? { votes: newVotes() })
    setHandler(releaseStatusQuery, () => this.status, { description: 'where the release stands' })
    this.mailbox.listen()
    showRelease(this.status)
  }

  /** Of its plans; before they are made nobody is heard who isn't verified. */
  get rules(): UpgradeRules {
    if (this.plan) return { approval: this.plan.rules }
    const { approval } = plainRules(true, 0)
    return { approval: { ...approval, unverified: 'refuse' } }
  }

  get mayGoOn(): boolean {
    return this.votes.status !== 'rejected'
  }

  /** Ends the story if somebody said no. */
  assertMayGoOn(): void {
    const { status, by, verified, reason } = this.votes
    if (status === 'rejected')
      throw new Ended('rejected', `rejected by ${by}${reason ? `: ${reason}` : ''}`, { by, verified })
  }

  planned(plan: PlannedRelease): void {
    this.plan = plan
    this.begun ||= plan.begun
    const { requestedBy: by, planHash } = plan
    const maker = { verified: true, via: 'token' as const, at: Date.now(), reason: '', changeReference: '' }
    this.votes = { ...this.votes, planHash, ...(by && !this.votes.requested ? { requested: { by, ...maker } } : {}) }
    const line = (wave: PlannedRelease['waves'][number]): string =>
      wave
        .map(({ namespace, service, from, candidate }) => `${namespace}/${service} ${from} → ${candidate.tag}`)
        .join(', ')
    Object.assign(this.status, { planHash, waves: plan.waves.map(line) })
    this.mailbox.read()
    showRelease(this.status)
  }

  /** From here on it is carried out, and nobody takes an approval back. */
  begin(): void {
    this.begun = true
    this.votes = { ...this.votes, underway: true }
  }

  /** Moves to a phase and records it, once; `key` tells apart what may come again. */
  async enter(phase: ReleasePhase, { waitingFor = '', message }: Entering, key: string = phase): Promise<void> {
    if (phase !== 'window') this.window.words = ''
    Object.assign(this.status, { phase, waitingFor, message, since: now() })
    showRelease(this.status)
    await this.record({ key, kind: 'entered', message, waitingFor })
  }

  /** Shows what its window waits for, and records it when that is news: also what was so once before. */
  async waitsForWindow(waitingFor: string): Promise<void> {
    if (this.window.words !== waitingFor) this.window = { words: waitingFor, changes: this.window.changes + 1 }
    const message = 'starts by itself afterwards'
    await this.enter('window', { waitingFor, message }, `window/${this.window.changes}`)
  }

  /** The record of it is the activity's that begins the wave. */
  async enterWave(wave: number, of: number): Promise<void> {
    const message = `wave ${wave + 1} of ${of}: ${this.status.waves[wave]}`
    Object.assign(this.status, { wave: { number: wave + 1, of }, message, waitingFor: '' })
    if (this.status.phase !== 'rollout') await this.enter('rollout', { message })
    showRelease(this.status)
  }

  async record(entry: Omit<ReleaseEntry, 'releaseId' | 'phase'>): Promise<void> {
    const { releaseId } = this.input
    const summary = `${entry.kind} ${entry.outcome ?? this.status.phase}`
    const { phase, waitingFor } = this.status
    await quick.recordRelease.executeWithOptions({ summary }, [{ releaseId, phase, waitingFor, ...entry }])
  }

  async end(outcome: Outcome, message: string, who: Who = {}): Promise<ReleaseStatus> {
    this.mailbox.close(outcome)
    await this.recordNotes()
    Object.assign(this.status, { outcome, message, waitingFor: '', since: now() })
    showRelease(this.status)
    await this.record({ key: 'ended', kind: 'ended', message, ...who, outcome })
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
      if (this.isHistoryLong && !done()) await this.continueAsNew()
    }
  }

  /** Work that a new run takes up where the store says that it stands. */
  async whileNotFull(work: () => Promise<void>): Promise<void> {
    const scope = new CancellationScope()
    const working = scope.run(work)
    const full = scope.run(() => condition(() => this.isHistoryLong)).then(() => 'full' as const)
    full.catch(() => undefined)
    const first = await Promise.race([working.then(() => 'done' as const), full])
    scope.cancel()
    if (first === 'done') return this.recordNotes()
    await working.catch(() => undefined)
    await this.continueAsNew()
  }

  async recordNotes(): Promise<void> {
    for (let note = this.mailbox.takeRefusal(); note; note = this.mailbox.takeRefusal())
      await this.record({ key: note.key, kind: 'refused', message: note.message, by: note.by, verified: note.verified })
    for (const { key, message, by, verified } of this.mailbox.takeNotes())
      await this.record({ key, kind: 'said', message, by, verified })
  }

  private async continueAsNew(): Promise<void> {
    // An Update whose handler is not finished would be lost.
    await condition(allHandlersFinished)
    await this.recordNotes()
    const { asked, askedAt, escalated, window } = this
    await continueAsNew<(input: ReleaseInput, waiting?: ReleaseWaiting) => Promise<ReleaseStatus>>(this.input, {
      ...{ mail: this.mailbox.carried(), asked, escalated, window },
      ...(askedAt === undefined ? {} : { askedAt }),
    })
  }

  private messageTaken(): void {
    Object.assign(this.status, { refusals: this.votes.refusals, votes: tallyWords(this.votes, this.rules) })
    // A flood of messages must not become a flood of events.
    if (patched('messages-of-a-release-cost-no-event')) showReleaseDetails(this.status)
    else showRelease(this.status)
    this.stopIfAborted()
  }
}

const now = (): string => new Date().toISOString()
