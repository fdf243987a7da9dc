import { Context } from '@temporalio/activity'
import { releaseAlert } from '../domain/release-alerts'
import type { Dependencies } from './dependencies'
import { enqueue } from './enqueue'
import type { ReleaseEntry } from './release-contracts'

/** Writes one step of a release to the store, and the alert that belongs to it into the outbox; both once per key. */
export const recordRelease =
  (deps: Dependencies) =>
  async (entry: ReleaseEntry): Promise<void> => {
    const { store, config } = deps
    await store.releases.record(entry)
    const [release, services] = await Promise.all([
      store.releases.read(entry.releaseId),
      store.releases.services(entry.releaseId),
    ])
    if (!release) return
    const temporalNamespace = Context.current().info.namespace
    const alert = releaseAlert({ hub: config.hub, temporalNamespace, release, services, ...entry })
    if (alert) await enqueue(deps, alert)
  }
