import type { Owner } from '../../domain/service'
import type { ObjectMeta } from './wire'

const argoManagers = new Set(['argocd-controller', 'argocd-application-controller'])

/** Who would revert a patch of this object, by the traces that each tool leaves on what it applies. */
export function ownerOf({ labels = {}, annotations = {}, managedFields = [] }: ObjectMeta): Owner | undefined {
  const application = labels['argocd.argoproj.io/instance'] ?? trackedBy(annotations['argocd.argoproj.io/tracking-id'])
  if (application !== undefined) return { tool: 'argocd', name: application }
  if (managedFields.some(({ manager }) => manager !== undefined && argoManagers.has(manager)))
    return { tool: 'argocd', name: labels['app.kubernetes.io/instance'] ?? 'unknown' }

  const flux = labels['kustomize.toolkit.fluxcd.io/name'] ?? labels['helm.toolkit.fluxcd.io/name']
  if (flux !== undefined) return { tool: 'flux', name: flux }

  const release = annotations['meta.helm.sh/release-name']
  if (labels['app.kubernetes.io/managed-by'] === 'Helm' && release !== undefined) return { tool: 'helm', name: release }
  return undefined
}

/** `application:group/kind:namespace/name` */
const trackedBy = (trackingId: string | undefined): string | undefined => trackingId?.split(':')[0]
