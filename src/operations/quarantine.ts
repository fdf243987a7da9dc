import { RefitError } from '../domain/errors'
import type { QuarantineRow, ServiceKey, Store } from '../store/contracts'

/** What `refit quarantine list -o json` prints. */
export interface Quarantine {
  quarantined: QuarantineRow[]
}

type Deps = { store: Pick<Store, 'quarantine'> }

/** The digests that failed and are not offered again. */
export async function quarantine({ store }: Deps): Promise<Quarantine> {
  return { quarantined: await store.quarantine.list() }
}

/** Lets scans offer a digest again. UPGRADE_UNKNOWN when it isn't quarantined. */
export async function liftQuarantine(
  { store }: Deps,
  {
    key,
    digest,
    by,
    ...said
  }: { key: ServiceKey; digest: string; by: string; verified?: boolean; reason?: string | undefined },
): Promise<ServiceKey & { digest: string; liftedBy: string }> {
  if (!(await store.quarantine.lift(key, digest, by, said)))
    throw new RefitError(
      'UPGRADE_UNKNOWN',
      `${digest} of ${key.namespace}/${key.service} is not quarantined.`,
      'refit quarantine list shows what is.',
    )
  return { ...key, digest, liftedBy: by }
}
