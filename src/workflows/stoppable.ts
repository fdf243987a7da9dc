import { CancellationScope, CancelledFailure, condition, workflowInfo } from '@temporalio/workflow'
import type { Votes } from '../domain/votes'
import type { Stop } from './endings'
import type { Mailbox } from './mailbox'

/** A busy mailbox is emptied into a new run well before the server's 10,000 signals. */
const historyEventsPerRun = 4_000

/** What an upgrade and a release have in common: people write to it, and an abort or a Cancel stops its story. */
export abstract class Stoppable {
  abstract readonly mailbox: Mailbox
  private readonly scope = new CancellationScope()

  get votes(): Votes {
    return this.mailbox.votes
  }

  set votes(votes: Votes) {
    this.mailbox.votes = votes
  }

  get isApproved(): boolean {
    return this.votes.status === 'approved'
  }

  /** Set once somebody asked for it to stop, by message or by Cancel. */
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

  /** Waits until every vote that came was read back: one of them may change what happens next. */
  async votesRead(): Promise<void> {
    await condition(() => this.mailbox.isRead)
  }

  protected throwIfStopped(): void {
    if (this.scope.consideredCancelled) throw new CancelledFailure('stopped')
  }

  /** Cancels what the story waits for, if somebody has asked for that. */
  protected stopIfAborted(): void {
    if (this.votes.abort && !this.votes.closed) this.scope.cancel()
  }

  protected get isHistoryLong(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo()
    return continueAsNewSuggested || historyLength > historyEventsPerRun
  }
}
