import type { BackfillVerdict, PlannedData } from '../activities/data-contracts'
import { wordList } from '../domain/text'
import { betweenWakesMs, closedWords, isFreeze, pausedWords, reasonOf, untilOpen } from './closed'
import type { DataDesk } from './data-desk'
import { Ended, StepFailed } from './endings'
import { quick } from './proxies'
import { untilSafePoint } from './safe-point'
import { keyOf } from './upgrade-key'

/** Who uses the schema, and backups, are looked at again so often. */
const lookAgainMs = 600_000

/** Why it may not go on now. */
interface Blocked {
  waitingFor: string
  message: string
  opensAt?: string | undefined
  until: { until: number; summary: string }
  /** a person should do something about it */
  lacking?: true
}

interface Step {
  /** returns once it may go on */
  mayGo: () => Promise<void>
  call: () => Promise<BackfillVerdict>
}

/** One step to its end, in as many pieces as pauses, freezes and the length of the history make of it. */
export async function toItsEnd(desk: DataDesk, { mayGo, call }: Step): Promise<void> {
  for (;;) {
    await mayGo()
    const verdict = await untilSafePoint(desk, call, () => desk.recordNotes())
    if (verdict && verdict.kind !== 'healthy') throw new StepFailed(verdict)
    if (verdict && !verdict.more) return
    if (verdict) desk.tell(verdict.sentence)
    desk.assertNotStopped()
    await desk.stayShort()
  }
}

/** Before a piece of a backfill: a pause and a freeze hold it. */
export const untilThawed = (desk: DataDesk, plan: PlannedData, step: string): Promise<void> =>
  untilFree(desk, step, async () => {
    const answer = await askWindow(plan, `may it ${step} now?`)
    return isFreeze(answer) ? blockedBy(answer) : undefined
  })

/** Before a contract: everything that `contractWindow` asks, once more. */
export const beforeContract = (desk: DataDesk, plan: PlannedData, step: string): Promise<void> =>
  untilFree(desk, step, () => whyNotContract(plan))

async function untilFree(desk: DataDesk, step: string, why: () => Promise<Blocked | undefined>): Promise<void> {
  let hasWaited = false
  for (;;) {
    const looked = Date.now()
    const { wakes } = desk.mailbox
    await desk.recordNotes()
    const { paused } = desk.votes
    const blocked = paused ? undefined : await why()
    if (!paused && !desk.votes.paused && !blocked) break
    hasWaited = true
    if (paused) await desk.wait(pausedWords(paused), `stands still before it may ${step}, until it is resumed`)
    else if (blocked)
      await desk.wait(blocked.waitingFor, `stands still before it may ${step}; ${blocked.message}`, blocked.opensAt)
    const changed = (): boolean => desk.votes.paused !== paused
    await desk.waitFor(() => changed() || desk.mailbox.wakes !== wakes, blocked?.until ?? { summary: 'paused' })
    if (!changed() && desk.mailbox.wakes !== wakes) await notTooOften(desk, looked, changed)
  }
  if (hasWaited) await desk.wait('', `goes on: ${step}`)
}

/**
 * Waits until contract may begin: every user of the schema is past it, a window is open outside of freezes, a backup is
 * proven, nobody has it paused. False when the approval was taken back meanwhile; true once it is underway.
 */
export async function contractWindow(desk: DataDesk, plan: PlannedData): Promise<boolean> {
  for (;;) {
    const looked = Date.now()
    const { accepted, wakes } = desk.mailbox
    const blocked = await whyNotContract(plan)
    await desk.votesRead()
    desk.assertMayGoOn()
    if (desk.asks && !desk.isApproved) {
      await desk.recordNotes()
      desk.askAnew()
      return false
    }
    const { paused } = desk.votes
    if (!blocked && !paused) {
      desk.begin()
      return true
    }
    await show(desk, blocked)
    const changed = (): boolean => !desk.mayGoOn || desk.mailbox.accepted !== accepted
    await desk.waitFor(() => changed() || desk.mailbox.wakes !== wakes, blocked?.until ?? { summary: 'paused' })
    if (!changed() && desk.mailbox.wakes !== wakes) await notTooOften(desk, looked, changed)
  }
}

/** However often it is woken. */
const notTooOften = (desk: DataDesk, looked: number, changed: () => boolean): Promise<void> =>
  desk.waitFor(changed, { until: looked + betweenWakesMs, summary: 'it looked a moment ago' })

async function show(desk: DataDesk, blocked: Blocked | undefined): Promise<void> {
  const { paused } = desk.votes
  const waitingFor = paused ? pausedWords(paused) : (blocked?.waitingFor ?? '')
  const message = blocked?.message ?? 'contract starts once it is resumed'
  const shown = JSON.stringify([waitingFor, message])
  if (desk.status.phase === 'window' && desk.shown === shown) return
  const anew = desk.shown !== shown
  desk.shown = shown
  await desk.enter('window', { waitingFor, message, opensAt: blocked?.opensAt }, anew)
  if (blocked?.lacking && anew && !paused)
    await desk.record(`lacks/${Date.now()}`, 'waits', `contract waits for ${waitingFor}`)
}

/** What forbids a contract now; undefined when nothing does. What takes longest to change is asked first. */
async function whyNotContract(plan: PlannedData): Promise<Blocked | undefined> {
  const key = keyOf(plan)
  const again = (): Blocked['until'] => ({ until: Date.now() + lookAgainMs, summary: 'looks again within ten minutes' })
  const users = await quick.usersOfSchema.executeWithOptions({ summary: 'who still uses the old shape?' }, [key])
  if (users.length > 0)
    return {
      waitingFor: wordList(users),
      message: 'contract goes on by itself once all of them are past it',
      until: again(),
    }
  const answer = await askWindow(plan, 'may it contract now?')
  if (answer.kind === 'never') throw new Ended('held', reasonOf(answer))
  if (answer.kind === 'closed') return blockedBy(answer)
  const lack = await quick.backupForContract.executeWithOptions({ summary: 'is a backup proven?' }, [key])
  if (lack === undefined) return undefined
  const message = 'contract goes on by itself once a backup is proven'
  return { waitingFor: `a backup: ${lack}`, message, until: again(), lacking: true }
}

const askWindow = (plan: PlannedData, summary: string) =>
  quick.window.executeWithOptions({ summary }, [{ ...keyOf(plan), now: Date.now(), underway: true }])

const blockedBy = (answer: Awaited<ReturnType<typeof askWindow>>): Blocked => ({
  ...closedWords(answer),
  until: untilOpen(answer),
})
