import { log } from '@temporalio/workflow'
import type { StepVerdict } from '../activities/contracts'
import { notYetRun } from '../domain/rollout-undo'
import { causeOf } from './cause'

/** Undo steps, each registered before its step and run in reverse (law 4). */
export class Compensations {
  private readonly steps: { name: string; undo: () => Promise<StepVerdict> }[] = []

  get isEmpty(): boolean {
    return this.steps.length === 0
  }

  /** Once per name: what two steps change is put back once. */
  add(name: string, undo: () => Promise<StepVerdict>): void {
    if (this.steps.some((step) => step.name === name)) return
    this.steps.unshift({ name, undo })
  }

  /**
   * Runs every undo. They are independent of each other (each restores one workload), so one that fails doesn't stop the
   * others; what failed, and what is done but can't be proven yet, comes back in words for the person who is paged.
   */
  async run(): Promise<{ failed: string[]; unproven: string[] }> {
    const failed: string[] = []
    const unproven: string[] = []
    for (const { name, undo } of this.steps) {
      try {
        const verdict = await undo()
        if (verdict.kind === 'healthy') continue
        ;(verdict.reason === notYetRun ? unproven : failed).push(`${name}: ${verdict.sentence}`)
      } catch (error) {
        log.error('undo failed', { name, error: String(error) })
        failed.push(`${name}: ${causeOf(error)}`)
      }
    }
    return { failed, unproven }
  }
}
