import { ApplicationFailure, CancellationScope, condition, log, setHandler } from '@temporalio/workflow'
import type { UpgradeKey, VoteRead } from '../activities/contracts'
import { type Note, receive, type Received, refuseVote } from '../domain/approval'
import { parseMessage, type PersonVerb } from '../domain/approval-message'
import type { Outcome } from '../domain/status'
import type { Heard, Message, Said, UpgradeRules, Votes } from '../domain/votes'
import { personMessages, type Receipt, supersedeSignal, wakeSignal } from './messages'
import { type Letter, Unread } from './unread'

/** All that was said to an upgrade, as it continues as new. */
export interface Mail {
  votes: Votes
  /** votes that were counted, with what came of them; newest last */
  counted: (Receipt & { id: string })[]
  /** votes that are not read back yet */
  unread: Letter[]
  /** how many votes had no row */
  forged: number
  /** how many notes were taken of what was accepted, and of what was refused */
  noted: { accepted: number; refused: number; refusedUnverified: number }
  /** not recorded yet: what came while the last one was */
  notes?: KeyedNote[]
}

/** A note with the key that makes it one event, however often it is recorded. */
export type KeyedNote = Note & { key: string }

const maxCounted = 200
const maxNoted = { refused: 200, refusedUnverified: 20 }

/** What the mailbox asks of the upgrade that it belongs to. */
interface Addressee {
  rules(): UpgradeRules
  /** undefined until there is a plan */
  key(): UpgradeKey | undefined
  /** undefined: nothing that a scan finds replaces it */
  candidateDigest: string | undefined
  /** after every message, accepted or not */
  changed(): void
}

/**
 * Takes whatever people, programs and scans send to an upgrade, in the order in which it comes: bare messages at once,
 * votes of logged-in people when they are read back. Signals never throw; Updates answer. The main loop records the notes.
 */
export class Mailbox {
  votes: Votes
  /** counts what was accepted */
  accepted = 0
  /** counts `wake` */
  wakes = 0
  private readonly counted: Mail['counted']
  private readonly unread: Unread
  private readonly noted: Mail['noted']
  private readonly notes: KeyedNote[] = []
  /** Updates that wait for their vote to be read back */
  private readonly awaited = new Map<string, Receipt | undefined>()

  constructor(
    private readonly of: Addressee,
    { votes, counted = [], unread = [], forged = 0, noted, notes = [] }: Pick<Mail, 'votes'> & Partial<Mail>,
  ) {
    this.votes = votes
    this.counted = [...counted]
    this.notes.push(...notes)
    const reader = {
      key: () => this.of.key(),
      isClosed: () => this.votes.closed !== undefined,
      open: (letter: Letter, read: VoteRead | undefined) => this.open(letter, read),
    }
    this.unread = new Unread(reader, [...unread], forged)
    this.noted = { accepted: 0, refused: 0, refusedUnverified: 0, ...noted }
  }

  /** Sets every handler; before anything else happens, so that a message sent while no worker was up finds them. */
  listen(): void {
    for (const { verb, signal, update } of personMessages) {
      setHandler(signal, (input) => this.signalled(verb, input))
      setHandler(update, (input) => this.answer(verb, input), {
        description: `${verb} this upgrade`,
        // Synchronous on purpose: the SDK ignores a promise here and would accept everything.
        validator: (input) => this.validate(verb, input),
      })
    }
    setHandler(supersedeSignal, (input) => this.supersede(input))
    setHandler(wakeSignal, () => void (this.wakes += 1))
  }

  /** Whether every vote that came was read back. */
  get isRead(): boolean {
    return this.unread.isEmpty
  }

  get hasNotes(): boolean {
    return this.notes.length > 0
  }

  /** The oldest note of a refusal that is not recorded. */
  takeRefusal(): KeyedNote | undefined {
    const index = this.notes.findIndex(({ kind }) => kind === 'refused')
    return index < 0 ? undefined : this.notes.splice(index, 1)[0]
  }

  /** All notes of what was accepted that are not recorded, oldest first. */
  takeNotes(): KeyedNote[] {
    const taken = this.notes.filter(({ kind }) => kind !== 'refused')
    const left = this.notes.filter(({ kind }) => kind === 'refused')
    this.notes.splice(0, this.notes.length, ...left)
    return taken
  }

  close(outcome: Outcome): void {
    this.votes = { ...this.votes, closed: outcome }
  }

  /** What a new run goes on with. */
  carried(): Mail {
    const { votes, counted, noted } = this
    const { letters, forged } = this.unread
    return {
      votes,
      counted,
      unread: letters,
      forged,
      noted,
      ...(this.notes.length > 0 ? { notes: [...this.notes] } : {}),
    }
  }

  private signalled(verb: PersonVerb, input: unknown): void {
    try {
      const heard = parseMessage(verb, input)
      if (heard.ok && heard.vote !== undefined) this.put(heard.vote, heard.message)
      else this.take(heard)
    } catch (error) {
      // It would fail the workflow task for ever, and then not even a rollback could run.
      log.error('a signal could not be taken', { verb, error: String(error) })
    }
  }

  private async answer(verb: PersonVerb, input: unknown): Promise<Receipt> {
    const heard = parseMessage(verb, input)
    if (!heard.ok || heard.vote === undefined) return this.take(heard)
    const id = heard.vote
    const known = this.receiptOf(id)
    if (known) return known
    this.awaited.set(id, undefined)
    this.put(id, heard.message)
    const isDone = (): boolean => this.awaited.get(id) !== undefined || this.votes.closed !== undefined
    await CancellationScope.nonCancellable(() => condition(isDone))
    return this.awaited.get(id) ?? { accepted: false, message: `the upgrade has ended (${this.votes.closed})` }
  }

  private validate(verb: PersonVerb, input: unknown): void {
    const heard = parseMessage(verb, input)
    // What a vote says isn't known before it is read back.
    const refusal =
      heard.ok && heard.vote !== undefined && !this.votes.closed
        ? undefined
        : receive(this.votes, heard, { rules: this.of.rules(), at: Date.now() })
    if (refusal?.accepted === false) throw ApplicationFailure.nonRetryable(refusal.message, 'APPROVAL_REFUSED')
  }

  /** Scans repeat what they see, and the same candidate is no news. */
  private supersede(input: unknown): void {
    const digest = (input as { digest?: unknown } | null)?.digest
    const { candidateDigest } = this.of
    if (candidateDigest !== undefined && digest !== candidateDigest) this.take(parseMessage('supersede', input))
  }

  private take(heard: Heard): Receipt {
    return this.keep(receive(this.votes, heard, { rules: this.of.rules(), at: Date.now() }))
  }

  private keep({ votes, accepted, message, notes }: Received): Receipt {
    this.votes = votes
    if (accepted) this.accepted += 1
    for (const note of notes) this.note(note)
    this.of.changed()
    return { accepted, message }
  }

  /** Whoever shouts is not written down for ever: a flood costs twenty events. */
  private note(note: Note): void {
    const { noted } = this
    if (note.kind !== 'refused') {
      noted.accepted += 1
      this.notes.push({ ...note, key: `said/${noted.accepted}` })
      return
    }
    const budget = note.verified ? 'refused' : 'refusedUnverified'
    if (noted[budget] >= maxNoted[budget]) return
    noted[budget] += 1
    this.notes.push({ ...note, key: `refused/${note.verified ? 'verified-' : ''}${noted[budget]}` })
  }

  private receiptOf(id: string): Receipt | undefined {
    const known = this.counted.find((each) => each.id === id)
    return known && { accepted: known.accepted, message: known.message }
  }

  /** What was counted, or waits to be read, is the same vote sent again. */
  private put(id: string, message: Message): void {
    if (this.receiptOf(id) || this.unread.has(id) || message.verb === 'supersede') return
    if (this.votes.closed || this.unread.isFull) {
      const why = this.votes.closed
        ? `the upgrade has ended (${this.votes.closed})`
        : 'too many votes came at once; send it again'
      return this.settle(id, this.keep(refuseVote(this.votes, message, why)))
    }
    this.unread.add({ id, verb: message.verb, by: message.by })
  }

  private settle(id: string, receipt: Receipt): void {
    if (this.awaited.has(id)) this.awaited.set(id, receipt)
  }

  /** Has what is unread read back, when the upgrade has its plan. */
  read(): void {
    this.unread.read()
  }

  private open(letter: Letter, read: VoteRead | undefined): void {
    const { id, verb, by } = letter
    if (read?.kind === 'vote') {
      const receipt = this.take({ ok: true, message: read.said, speaker: read.speaker })
      // What was refused may be taken when the same is said again: by then somebody may have requested it.
      if (receipt.accepted) this.counted.push({ id, ...receipt })
      this.counted.splice(0, this.counted.length - maxCounted)
      return this.settle(id, receipt)
    }
    const claim: Said = { verb, by, reason: '', changeReference: '', now: false, overrideFreeze: false }
    const because = read?.because ?? `no vote ${id} is on record`
    this.settle(id, this.keep(refuseVote(this.votes, claim, `forged: ${because}`)))
  }
}
