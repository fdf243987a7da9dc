import type { Entry, UpgradeKey } from '../activities/contracts'
import type { EventKind } from '../domain/event'
import type { UpgradeStatus } from '../domain/status'
import type { Mailbox } from './mailbox'
import { briefly, inPlace, quick } from './proxies'

export type Extra = Pick<
  Entry,
  'by' | 'verified' | 'outcome' | 'expiresAt' | 'offeredAgain' | 'heldReason' | 'warnings'
>

/** Of what people say there may be thousands at once: more than this is too much for one task of the workflow. */
const fewNotes = 5

/** Writes what happens in an upgrade into the store, in the words of its status. Nothing is written before it has a plan. */
export class Recorder {
  constructor(
    private readonly status: UpgradeStatus,
    private readonly mailbox: Mailbox,
    private readonly key: () => UpgradeKey | undefined,
    private readonly isBrief: boolean,
    /** how often it was resumed: what each of its workflows records is kept apart */
    private readonly resumed: number | undefined = undefined,
  ) {}

  async record(
    key: string,
    kind: EventKind,
    message: string,
    { inTask = kind === 'entered' || kind === 'ended', ...extra }: Extra & { inTask?: boolean } = {},
  ): Promise<void> {
    const of = this.key()
    if (!of) return
    const { upgradeId, planHash } = of
    const { phase, waitingFor } = this.status
    const entryKey = this.resumed === undefined ? key : `resumed/${this.resumed}/${key}`
    const entry = { upgradeId, planHash, key: entryKey, phase, kind, message, waitingFor, ...extra }
    const summary = `${kind} ${extra.outcome ?? phase}`
    const asActivity = () => quick.record.executeWithOptions({ summary }, [entry])
    // An answer may come as soon as a question can be read: by then the plan that it is about must be in the history.
    if (this.isBrief && inTask && phase !== 'approval') await briefly(() => inPlace.record(entry), asActivity)
    else await asActivity()
  }

  /** What people said, refusals first, as builds before this one did. */
  async notes(): Promise<void> {
    await this.refusals()
    await this.accepted()
  }

  async refusals(): Promise<void> {
    for (let note = this.mailbox.takeRefusal(); note; note = this.mailbox.takeRefusal())
      await this.record(note.key, note.kind, note.message, { by: note.by, verified: note.verified })
  }

  async accepted(): Promise<void> {
    const notes = this.mailbox.takeNotes()
    const inTask = notes.length <= fewNotes
    for (const { key, kind, message, by, verified } of notes)
      await this.record(key, kind, message, { by, verified, inTask })
  }
}
