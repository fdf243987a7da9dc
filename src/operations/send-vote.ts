import { RefitError } from '../domain/errors'
import { upgradeWorkflowId } from '../domain/temporal-names'
import type { UpgradeRow, VoteVerb } from '../store/contracts'
import { deliver, type Sent } from './deliver'
import type { HubTemporal } from './temporal'

/** What of Temporal a vote needs. */
export type VoteTemporal = Pick<HubTemporal, 'namespace' | 'update' | 'signal' | 'workers'>

/** Says something to an upgrade, as `deliver` does. UPGRADE_UNKNOWN when its workflow is gone. */
export const sendVote = (temporal: VoteTemporal, upgrade: UpgradeRow, verb: VoteVerb, input: object): Promise<Sent> =>
  deliver(temporal, {
    ...{ workflowId: upgradeWorkflowId(upgrade.namespace, upgrade.service), verb, input, to: 'The upgrade' },
    next: `refit status ${upgrade.namespace}/${upgrade.service} says where it stands.`,
    gone: () => orphaned(upgrade),
  })

const orphaned = ({ id, namespace, service }: UpgradeRow): RefitError =>
  new RefitError(
    'UPGRADE_UNKNOWN',
    `Upgrade ${id} of ${namespace}/${service} has no running workflow any more.`,
    'refit scan finds out what became of it.',
  )
