/** What a page that is open may want to ask for again. `sample`: health over time, and nothing else. */
export const changeTopics = [
  'upgrade',
  'sample',
  'scan',
  'freeze',
  'quarantine',
  'release',
  'data',
  'vote',
  'schedule',
] as const
export type ChangeTopic = (typeof changeTopics)[number]

/** What changed; only names, never contents. */
export interface Change {
  topics: ChangeTopic[]
  upgradeId?: string
  namespace?: string
  service?: string
}

/** Changes of the same thing as one, with all their topics, in the order in which they came first. */
export function mergeChanges(changes: readonly Change[]): Change[] {
  const merged = new Map<string, Change>()
  for (const { topics, ...thing } of changes) {
    const key = JSON.stringify([thing.upgradeId, thing.namespace, thing.service])
    const before = merged.get(key)
    merged.set(key, { topics: [...new Set([...(before?.topics ?? []), ...topics])], ...thing })
  }
  return [...merged.values()]
}
