import { instant, type ObjectMeta, type PodTemplate } from './wire'

/** The same text for the same template, whatever the order of its keys, and without the hash that only ReplicaSets have. */
export function canonical(template: PodTemplate | undefined): string {
  return JSON.stringify(template, (key, value: unknown) => {
    if (key === 'pod-template-hash' || value === null) return undefined
    if (typeof value !== 'object' || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

export const isOwnedBy = (metadata: ObjectMeta | undefined, uid: string | undefined): boolean =>
  uid !== undefined && (metadata?.ownerReferences?.some((owner) => owner.uid === uid) ?? false)

/** What a condition says, with its time as epoch milliseconds. */
export const saying = (condition: { reason?: string; message?: string; lastTransitionTime?: string }) => ({
  reason: condition.reason ?? '',
  message: condition.message ?? '',
  since: instant(condition.lastTransitionTime),
})
