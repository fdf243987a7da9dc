import type { Alert } from '../clients/contracts'

/** An alert that is to be sent to one target. */
export interface OutboxRow {
  id: string
  target: string
  /** as it was when it was first stored */
  alert: Alert
  /** how often it failed since it was stored or sent again by hand */
  attempts: number
  createdAt: Date
  /** the target has had newer news of the same thread */
  overtaken: boolean
}

/** What became of an alert to one target. */
export interface AlertRow extends Omit<OutboxRow, 'overtaken'> {
  state: 'waiting' | 'sent' | 'dead'
  /** of the last attempt; of a sent one: what its target said although it took it */
  lastError: string
  /** of a waiting one: when it is tried next */
  dueAt: Date
  sentAt: Date | null
  deadAt: Date | null
}

/** How it stands with one target. */
export interface TargetRow {
  target: string
  waiting: number
  dead: number
  /** since when the oldest waiting one is tried */
  oldest: Date | null
  lastError: string
  /** people have heard that it is stuck */
  told: boolean
}

/** The message that a Slack bot keeps up to date. */
export interface SlackMessage {
  channel: string
  ts: string
}

/** Alerts on their way to their targets. */
export interface AlertStore {
  outbox: {
    /**
     * One row per target, under the alert's key; the first content under a key stays. False when it is no news: the key is
     * there already, or none of its states is new.
     */
    add(targets: string[], alert: Alert): Promise<boolean>
    /** Targets that have something due, don't rest and to which nobody sends. */
    dueTargets(): Promise<string[]>
    /**
     * Makes `holder` the one that sends to a target, or keeps it so for another `leaseMs`: the failures of the target in a
     * row. Undefined while another one sends or while the target rests.
     */
    lease(target: string, holder: string, leaseMs: number): Promise<number | undefined>
    release(target: string, holder: string): Promise<void>
    /** what is due, oldest first */
    due(target: string, limit: number): Promise<OutboxRow[]>
    /** The target took it; `note`: what it said beside that. */
    sent(id: string, note?: string): Promise<void>
    /** Tried again after `delayMs`; dead when that has gone on for `giveUpAfterMs`. */
    failed(id: string, failure: { error: string; delayMs: number; giveUpAfterMs: number }): Promise<'waiting' | 'dead'>
    /** Leaves the whole target alone for so long; 0: it works again. */
    rest(target: string, ms: number): Promise<void>
    /** What was tried for so long for targets that are none of these is dead. */
    giveUp(targets: readonly string[], afterMs: number): Promise<number>
    /** of every target that ever got an alert */
    targets(): Promise<TargetRow[]>
    /** newest first */
    list(filter: { state?: 'waiting' | 'dead'; limit: number }): Promise<AlertRow[]>
    read(id: string): Promise<AlertRow | undefined>
    /** Makes this one, or all dead ones, due now; how many. What was sent stays sent. */
    resend(which: { id: string } | 'dead'): Promise<number>
  }
  slackMessages: {
    read(target: string, thread: string): Promise<SlackMessage | undefined>
    /** Keeps the first one; returns what is kept. */
    save(target: string, thread: string, message: SlackMessage): Promise<SlackMessage>
    /** It is gone from Slack. */
    forget(target: string, thread: string): Promise<void>
  }
}
