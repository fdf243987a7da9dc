/** What a person or a program may say to a running upgrade. Imported by workflows, CLI and tests: no Node dependencies. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'
import { personVerbs, type PersonVerb } from '../domain/approval-message'
import type { DataStatus } from '../domain/data-status'
import type { ReleaseStatus } from '../domain/release-status'
import type { UpgradeStatus } from '../domain/status'
import { hintSignalName, wakeSignalName } from '../domain/temporal-names'

/** What a sender of an Update gets back. */
export interface Receipt {
  accepted: boolean
  message: string
}

// Both take `unknown`: whatever JSON arrives must not fail the workflow task (docs/architecture.md).
const both = (verb: PersonVerb) => ({
  verb,
  signal: defineSignal<[unknown]>(verb),
  update: defineUpdate<Receipt, [unknown]>(verb),
})

/** Every verb as a Signal and as an Update. */
export const personMessages = personVerbs.map(both)

export const { signal: approveSignal, update: approveUpdate } = both('approve')
export const { signal: rejectSignal, update: rejectUpdate } = both('reject')
export const { signal: abortSignal, update: abortUpdate } = both('abort')
export const supersedeSignal = defineSignal<[unknown]>('supersede')

/** Says nothing itself: whoever waits looks again, as after a freeze was lifted. */
export const wakeSignal = defineSignal<[unknown]>(wakeSignalName)

/** Sent with the start of workflow `refit/hints`: repositories, with registry host, that were pushed to. */
export const hintSignal = defineSignal<[unknown]>(hintSignalName)

/** How far a scan is, by registry host. */
export interface ScanProgress {
  hosts: Record<string, { done: number; repositories: number }>
}
export const scanProgressQuery = defineQuery<ScanProgress>('progress')

export const statusQuery = defineQuery<UpgradeStatus>('status')
export const dataStatusQuery = defineQuery<DataStatus>('status')
export const releaseStatusQuery = defineQuery<ReleaseStatus>('status')
