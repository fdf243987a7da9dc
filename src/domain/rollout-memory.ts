import type { PodObservation, RolloutMemory } from './rollout'
import { podKey, type Sign } from './rollout-signs'

/** Memory of a watch that begins at `now` (epoch ms). */
export const newMemory = (now: number): RolloutMemory => ({
  startedAt: now,
  highWater: 0,
  highWaterAt: now,
  firstSeen: {},
})

/** Restarts that pods already had at the first look. */
export const restartsBefore = (before: RolloutMemory, pods: readonly PodObservation[]): Record<string, number> =>
  before.restarts ?? Object.fromEntries(pods.map((pod) => [podKey(pod), pod.restarts]))

interface Seen extends Pick<RolloutMemory, 'restarts' | 'ready' | 'losses' | 'full' | 'makesRoom' | 'templateHash'> {
  signs: readonly Sign[]
  /** new pods that are ready */
  count: number
}

/** What a look adds. A sign that went away is forgotten. */
export function remember(before: RolloutMemory, seen: Seen, now: number): RolloutMemory {
  const { signs, count, restarts, ready, losses, full } = seen
  const rises = count > before.highWater
  const hash = before.templateHash ?? seen.templateHash
  return {
    startedAt: before.startedAt,
    highWater: rises ? count : before.highWater,
    highWaterAt: rises ? now : before.highWaterAt,
    firstSeen: Object.fromEntries(signs.map(({ key }) => [key, before.firstSeen[key] ?? now])),
    ...(restarts ? { restarts } : {}),
    ...(ready ? { ready } : {}),
    ...(losses && losses.length > 0 ? { losses } : {}),
    ...(full === undefined ? {} : { full }),
    ...(seen.makesRoom ? { makesRoom: true } : {}),
    ...(hash === undefined ? {} : { templateHash: hash }),
  }
}

/** The same memory after `ms` in which nobody looked: they count neither as a stall nor towards a deadline or a grace. */
export const later = (memory: RolloutMemory, ms: number): RolloutMemory => ({
  ...memory,
  startedAt: memory.startedAt + ms,
  highWaterAt: memory.highWaterAt + ms,
  firstSeen: Object.fromEntries(Object.entries(memory.firstSeen).map(([sign, since]) => [sign, since + ms])),
})
