/** What a person or a program may say to a running upgrade. Imported by workflows, CLI and tests: no Node dependencies. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import type { ReleaseStatus } from '../domain/release-status'
import type { UpgradeStatus } from '../domain/status'

/** What a sender of an Update gets back. */
export interface Receipt {
  accepted: boolean
  message: string
}

// Signals take `unknown`: whatever JSON arrives must not fail the workflow task (docs/architecture.md).
export const approveSignal = defineSignal<[unknown]>('approve')
export const rejectSignal = defineSignal<[unknown]>('reject')
export const abortSignal = defineSignal<[unknown]>('abort')
export const supersedeSignal = defineSignal<[unknown]>('supersede')

/** No meaning of its own: whoever waits looks again. */
export const wakeSignal = defineSignal<[unknown]>('wake')

export const approveUpdate = defineUpdate<Receipt, [unknown]>('approve')
export const rejectUpdate = defineUpdate<Receipt, [unknown]>('reject')
export const abortUpdate = defineUpdate<Receipt, [unknown]>('abort')

/** Sent with the start of workflow `refit/hints`: repositories, with registry host, that were pushed to. */
export const hintSignal = defineSignal<[unknown]>('hint')

/** How far a scan is, by registry host. */
export interface ScanProgress {
  hosts: Record<string, { done: number; repositories: number }>
}
export const scanProgressQuery = defineQuery<ScanProgress>('progress')

export const statusQuery = defineQuery<UpgradeStatus>('status')
export const releaseStatusQuery = defineQuery<ReleaseStatus>('status')
