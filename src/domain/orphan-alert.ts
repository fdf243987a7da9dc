import { type Alert, codeBlock, type Hub, hubName, plain } from './alert'
import { heldAdvice } from './held'

/** An upgrade without a workflow, as a scan found it. */
export interface Orphan {
  id: string
  namespace: string
  service: string
  fromTag: string
  toTag: string
  phase: string
}

/** The page for an upgrade that lost its workflow. */
export function orphanAlert(hub: Hub, { id, namespace, service, fromTag, toTag, phase }: Orphan): Alert {
  const name = `${namespace}/${service}`
  const { commands, page } = heldAdvice({ namespace, service, id, reason: 'orphaned' })
  return {
    key: `orphan/${id}`,
    level: 'page',
    hub: hub.name,
    title: `${name}: its upgrade was ended from outside`,
    text: [
      codeBlock(commands),
      `${hubName(hub)}: the workflow of *${plain(name)}* ${plain(fromTag)} → ${plain(toTag)} was ended from outside in phase ${plain(phase)}. It is held: resume goes on from where it stopped, with --rollback it puts back what was done. ${page}`,
    ].join('\n'),
    thread: id,
    facts: { namespace, service, from: fromTag, to: toTag, upgradeId: id, phase, runbook: page },
  }
}
