import { log } from '@temporalio/workflow'
import type { StepVerdict } from '../activities/contracts'
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
   * others; what failed comes back in words for the person who is paged.
   */
  async run(): Promise<string[]> {
    const failed: string[] = []
    for (const { name, undo } of this.steps) {
      try {
        const verdict = await undo()
        if (verdict.kind !== 'healthy') failed.push(`${name}: ${verdict.sentence}`)
      } catch (error) {
        log.error('undo failed', { name, error: String(error) })
        failed.push(`${name}: ${causeOf(error)}`)
      }
    }
    return failed
  }
}
