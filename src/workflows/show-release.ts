import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import { releaseDetails, type ReleaseStatus } from '../domain/release-status'
import { attributeKeys as keys, keyword } from './show-status'

/** Puts a release's status where people look without Refit: the search attributes and the Web UI's current details. */
export function showRelease(status: ReleaseStatus): void {
  const { release, phase, outcome, waitingFor } = status
  upsertSearchAttributes([
    { key: keys.service, value: `release ${release}` },
    { key: keys.phase, value: outcome ?? phase },
    { key: keys.to, value: release },
    { key: keys.waitingFor, value: keyword(waitingFor) || null },
  ])
  showReleaseDetails(status)
}

/** Only what costs no command: the Web UI's current details. */
export function showReleaseDetails(status: ReleaseStatus): void {
  setCurrentDetails(releaseDetails(status, workflowInfo().namespace))
}
