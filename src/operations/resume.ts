import type { ByHand, Resumption } from '../activities/contracts'
import { RefitError } from '../domain/errors'
import type { EventKind } from '../domain/event'
import type { Phase } from '../domain/status'
import { upgradeWorkflowId } from '../domain/temporal-names'
import type { ServiceKey, Store, UpgradeRow } from '../store/contracts'
import type { HubTemporal } from './temporal'

/** What `refit resume -o json` prints where a held or orphaned upgrade goes on. */
export interface Resumed extends ServiceKey {
  upgradeId: string
  planHash: string
  to: string
  from: Resumption['from']
  workflowId: string
}

interface Deps {
  store: { upgrades: Pick<Store['upgrades'], 'listHeld' | 'listOpen' | 'events'>; releases: Store['releases'] }
  temporal: Pick<HubTemporal, 'startUpgrade'>
}

/** The held upgrade of a service; undefined when none is. */
export const heldUpgradeOf = async (
  store: { upgrades: Pick<Store['upgrades'], 'listHeld'> },
  key: ServiceKey,
): Promise<UpgradeRow | undefined> => (await store.upgrades.listHeld()).find((each) => isOf(each, key))

/**
 * Has an upgrade that is held, or that lost its workflow, go on in a new one: from where it was, or to be put back. What is
 * on record is not done again. UPGRADE_UNKNOWN when there is none, APPROVAL_REFUSED while it runs or its release does.
 */
export async function resumeUpgrade(
  { store, temporal }: Deps,
  { key, rollback, ...who }: { key: ServiceKey; rollback: boolean } & ByHand,
): Promise<Resumed> {
  const id = `${key.namespace}/${key.service}`
  const open = (await store.upgrades.listOpen()).find((each) => isOf(each, key))
  const row = open ?? (await heldUpgradeOf(store, key))
  if (!row)
    throw new RefitError(
      'UPGRADE_UNKNOWN',
      `No upgrade of ${id} is held or open.`,
      `refit status ${id} says where it stands.`,
    )
  await assertNotOfRelease(store, row)
  const events = await store.upgrades.events(row.id)
  const times = events.filter(({ kind }) => kind === ('reopened' satisfies EventKind)).length + 1
  const { id: upgradeId, planHash } = row
  const resume: Resumption = {
    ...{ upgradeId, planHash, times },
    ...who,
    from: rollback ? 'rollback' : beginning(row.phase),
  }
  const workflowId = upgradeWorkflowId(key.namespace, key.service)
  const candidate = { tag: row.toTag, digest: row.toDigest }
  if (!(await temporal.startUpgrade(workflowId, { ...key, candidate, resume })))
    throw new RefitError(
      'APPROVAL_REFUSED',
      `The upgrade of ${id} runs in phase ${row.phase}.`,
      rollback ? `To put it back: refit abort ${id} --reason TEXT.` : `refit status ${id} says where it stands.`,
    )
  return { ...key, upgradeId, planHash, to: row.toTag, from: resume.from, workflowId }
}

const isOf = (row: ServiceKey, { namespace, service }: ServiceKey): boolean =>
  row.namespace === namespace && row.service === service

/** One that was being put back goes on being put back. */
function beginning(phase: Phase): Resumption['from'] {
  switch (phase) {
    case 'plan':
    case 'approval':
    case 'window':
      return 'approval'
    case 'preflight':
      return 'preflight'
    case 'expand':
    case 'backfill':
    case 'rollout':
    case 'bake':
      return 'expand'
    case 'rollback':
      return 'rollback'
  }
}

/** A release decides how its upgrades end. */
async function assertNotOfRelease({ releases }: Deps['store'], { id, namespace, service }: UpgradeRow): Promise<void> {
  for (const release of await releases.listOpen())
    if ((await releases.services(release.id)).some(({ upgradeId }) => upgradeId === id))
      throw new RefitError(
        'APPROVAL_REFUSED',
        `The upgrade of ${namespace}/${service} belongs to a release that is open.`,
        'refit release status says where that stands; once it has ended, resume this.',
      )
}
