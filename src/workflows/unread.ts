import { CancellationScope, sleep } from '@temporalio/workflow'
import type { UpgradeKey, VoteRead } from '../activities/contracts'
import type { Said } from '../domain/votes'
import { causeOf } from './cause'
import { quick } from './proxies'

/** A vote's id under which somebody claims to have said something. */
export type Letter = Pick<Said, 'verb' | 'by'> & { id: string }

const maxUnread = 2_000
const lettersPerRead = 500
/** From then on votes are read back once a second: whoever invents ids must not cost an activity for each. */
const patience = 20

/** For whom votes are read back. */
interface Reader {
  /** undefined until there is a plan, without which nothing can be read back */
  key(): UpgradeKey | undefined
  /** nothing more is read */
  isClosed(): boolean
  /** what was found under a letter's id: undefined when nothing was */
  open(letter: Letter, read: VoteRead | undefined): void
}

/** Votes that came and are not read back yet, many at a time, oldest first. */
export class Unread {
  private isReading = false

  constructor(
    private readonly reader: Reader,
    readonly letters: Letter[],
    /** how many had no row, or not the right one */
    public forged: number,
  ) {}

  /** Whether every vote that came was read back. */
  get isEmpty(): boolean {
    return this.letters.length === 0 && !this.isReading
  }

  get isFull(): boolean {
    return this.letters.length >= maxUnread
  }

  has(id: string): boolean {
    return this.letters.some((each) => each.id === id)
  }

  add(letter: Letter): void {
    this.letters.push(letter)
    this.read()
  }

  /** Has what is unread read back. Never throws. */
  read(): void {
    const key = this.reader.key()
    if (this.isReading || !key || this.letters.length === 0) return
    this.isReading = true
    // A Cancel must not keep votes from being counted: who stopped it is told by the story.
    void CancellationScope.nonCancellable(() => this.readAll(key)).finally(() => {
      this.isReading = false
    })
  }

  private async readAll(key: UpgradeKey): Promise<void> {
    while (this.letters.length > 0 && !this.reader.isClosed()) {
      if (this.forged >= patience) await sleep(1_000, { summary: 'many forged votes came' })
      const letters = this.letters.slice(0, lettersPerRead)
      const read = await readBack({ ...key, votes: letters.map(({ id, verb }) => ({ id, verb })) })
      // Only now: what is being read when the upgrade continues as new is read again.
      this.letters.splice(0, letters.length)
      for (const letter of letters) {
        const found = read[letter.id]
        if (found?.kind !== 'vote') this.forged += 1
        this.reader.open(letter, found)
      }
    }
  }
}

async function readBack(
  asked: UpgradeKey & { votes: Pick<Letter, 'id' | 'verb'>[] },
): Promise<Record<string, VoteRead>> {
  const { votes } = asked
  const summary = votes.length === 1 ? `read a vote to ${votes[0]?.verb}` : `read ${votes.length} votes`
  try {
    return await quick.readVote.executeWithOptions({ summary }, [asked])
  } catch (error) {
    const because = `the vote could not be read: ${causeOf(error)}`
    return Object.fromEntries(votes.map(({ id }) => [id, { kind: 'forged', because }]))
  }
}
