import { Context } from '@temporalio/activity'
import type { Kubernetes } from '../clients/contracts'
import { RefitError } from '../domain/errors'
import type { RolloutObservation, Verdict } from '../domain/rollout'
import { failingOnNodes, mayComeFromOutside, sickNeighbours } from '../domain/rollout-environment'

/**
 * A failure that several unrelated workloads on the same nodes share is nobody's verdict (law 7). Where the neighbours
 * can't be read, the verdict stands.
 *
 * @param lost names of new pods that had been ready
 */
export async function blame<V extends Pick<Verdict, 'kind' | 'reason' | 'sentence'>>(
  kubernetes: Pick<Kubernetes, 'neighbours'>,
  namespace: string,
  seen: RolloutObservation,
  verdict: V,
  lost: readonly string[],
): Promise<V> {
  if (verdict.kind !== 'failed' || !mayComeFromOutside(verdict.reason)) return verdict
  const nodes = [...new Set(failingOnNodes(seen).map(({ node }) => node))]
  if (nodes.length === 0) return verdict
  const neighbours = await kubernetes
    .neighbours(namespace, nodes, Context.current().cancellationSignal)
    .catch((error: unknown) => {
      if (error instanceof RefitError) return []
      throw error
    })
  const sick = sickNeighbours(seen, lost, neighbours)
  if (sick.length === 0) return verdict
  const sentence = `${sick.slice(0, 5).join(', ')} on the same nodes lost their readiness, too: ${verdict.sentence}`
  return { ...verdict, kind: 'unknown', reason: 'environment', sentence }
}
