import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import { dataDetails, type DataStatus } from '../domain/data-status'
import { attributeKeys as keys, keyword } from './show-status'

/** Puts a data workflow's status where people look without Refit: the search attributes and the current details. */
export function showData(status: DataStatus): void {
  const { namespace, service, phase, outcome, from, to, waitingFor } = status
  upsertSearchAttributes([
    { key: keys.namespace, value: namespace || null },
    { key: keys.service, value: service || null },
    { key: keys.phase, value: outcome ?? phase },
    { key: keys.from, value: from ?? null },
    { key: keys.to, value: to ?? null },
    { key: keys.waitingFor, value: keyword(waitingFor) || null },
  ])
  showDataDetails(status)
}

/** Only what costs no command: the Web UI's current details. */
export function showDataDetails(status: DataStatus): void {
  setCurrentDetails(dataDetails(status, workflowInfo().namespace))
}
