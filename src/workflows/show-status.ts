import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import { clean } from '../domain/text'
import { detailsOf, type UpgradeStatus } from '../domain/status'

const attribute = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD)
export const attributeKeys = {
  namespace: attribute('RefitNamespace'),
  service: attribute('RefitService'),
  phase: attribute('RefitPhase'),
  from: attribute('RefitFrom'),
  to: attribute('RefitTo'),
  waitingFor: attribute('RefitWaitingFor'),
}

/** Stores of Temporal keep no longer keyword. */
const maxKeyword = 200

/** A text as a search attribute takes it. */
export const keyword = (text: string): string => clean(text, maxKeyword)

/** Puts the status where people look without Refit: the search attributes and the Web UI's current details. */
export function showStatus(status: UpgradeStatus): void {
  const { namespace, service, phase, outcome, from, to, waitingFor } = status
  upsertSearchAttributes([
    { key: attributeKeys.namespace, value: namespace },
    { key: attributeKeys.service, value: service },
    { key: attributeKeys.phase, value: outcome ?? phase },
    { key: attributeKeys.from, value: from ?? null },
    { key: attributeKeys.to, value: to },
    { key: attributeKeys.waitingFor, value: keyword(waitingFor) || null },
  ])
  showDetails(status)
}

/** Only what costs no command: the Web UI's current details. */
export function showDetails(status: UpgradeStatus): void {
  setCurrentDetails(detailsOf(status, workflowInfo().namespace))
}
