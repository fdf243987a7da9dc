/** The people of a simulation: what they say to upgrades, and what is to become of it. */
import { RefitError } from '../../../src/domain/errors'
import { upgradeWorkflowId } from '../../../src/domain/temporal-names'
import { castVote } from '../../../src/operations/vote'
import type { UpgradeRow } from '../../../src/store/contracts'
import { rulesOf } from './hub'
import type { Story } from './story'
import type { World } from './world'

export interface Said {
  accepted: number
  /** each by what it was about */
  refused: Record<string, number>
  /** what was accepted and should not have been */
  violations: string[]
}

export interface Act {
  at: number
  act: () => Promise<void>
}

const hourMs = 3_600_000
const minuteMs = 60_000
const people = ['ann@example.org', 'ben@example.org']

/** What people do about each plan that asks, in the order of the story. */
export class People {
  readonly said: Said = { accepted: 0, refused: {}, violations: [] }
  private turn = 0
  private readonly asked = new Set<string>()
  /** the plan hash that was last approved, by service */
  private readonly earlier = new Map<string, string>()

  constructor(
    private readonly world: World,
    private readonly answers: Story['answers'],
  ) {}

  /** What is going to be done about this upgrade; nothing the second time. */
  actsOn(row: UpgradeRow): Act[] {
    if (this.asked.has(row.id)) return []
    this.asked.add(row.id)
    const { answer, afterMinutes } = this.answers[(this.turn += 1) % this.answers.length] as Story['answers'][number]
    const { required, expiresHours } = rulesOf(row.namespace)
    const at = this.world.clock.now() + afterMinutes * minuteMs
    const approvals = people.slice(0, required).map((by, index) => ({
      at: at + index * 20 * minuteMs,
      act: () => this.approve(row, by),
    }))
    if (answer === 'never') return []
    if (answer === 'reject') return [{ at, act: () => this.reject(row) }]
    if (answer === 'late') {
      const late = this.world.clock.now() + expiresHours * hourMs + afterMinutes * minuteMs
      return [{ at: late, act: () => this.mustBeRefused('late', row, row.planHash) }]
    }
    if (answer === 'prompt') return approvals
    const before = at - Math.ceil(afterMinutes / 2) * minuteMs
    return [
      { at: before, act: () => this.mustBeRefused('earlier plan', row, this.earlierThan(row)) },
      { at: before, act: () => this.claim(row) },
      // The same person twice is one person.
      ...(required > 1 ? [{ at: before + minuteMs, act: () => this.approve(row, people[0] as string) }] : []),
      ...approvals,
    ]
  }

  private earlierThan({ namespace, service }: UpgradeRow): string {
    return this.earlier.get(`${namespace}/${service}`) ?? 'e'.repeat(64)
  }

  private async approve(row: UpgradeRow, by: string): Promise<void> {
    if (!(await this.say('approve', 'approval', row, { by, planHash: row.planHash }))) return
    this.earlier.set(`${row.namespace}/${row.service}`, row.planHash)
  }

  private async reject(row: UpgradeRow): Promise<void> {
    await this.say('reject', 'rejection', row, { by: people[0] as string, planHash: row.planHash, reason: 'not now' })
  }

  private async mustBeRefused(what: string, row: UpgradeRow, planHash: string): Promise<void> {
    // A plan that is made anew can be the same as one before: then it is no other plan.
    if (what === 'earlier plan' && planHash === row.planHash) return
    if (await this.say('approve', what, row, { by: people[0] as string, planHash }))
      this.said.violations.push(`an approval of ${planHash} counted for ${row.id} (${what})`)
  }

  /** Somebody who can reach Temporal claims a name, which the policies don't accept. */
  private async claim(row: UpgradeRow): Promise<void> {
    const handle = this.world.client.workflow.getHandle(upgradeWorkflowId(row.namespace, row.service))
    try {
      await handle.signal('approve', { by: 'mallory@example.org', planHash: row.planHash })
      this.count('claimed name')
    } catch {
      // It has ended meanwhile.
    }
  }

  private async say(
    verb: 'approve' | 'reject',
    what: string,
    row: UpgradeRow,
    { by, ...said }: { by: string; planHash: string; reason?: string },
  ): Promise<boolean> {
    const { store, temporal } = this.world
    const key = { namespace: row.namespace, service: row.service }
    const request = { key, by, upgradeId: row.id, verified: { groups: [], via: 'token' as const }, ...said }
    try {
      await castVote({ store, temporal }, verb, request)
      this.said.accepted += 1
      return true
    } catch (error) {
      if (!(error instanceof RefitError) || error.retryable) throw error
      this.count(what)
      return false
    }
  }

  private count(what: string): void {
    this.said.refused[what] = (this.said.refused[what] ?? 0) + 1
  }
}
