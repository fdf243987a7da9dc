import { holdOf, withoutOwnHold } from '../domain/rollout-hold'
import type { Verdict } from '../domain/rollout'
import { wantedNew } from '../domain/rollout-kinds'
import { newPods, type Stage, stageWords } from '../domain/rollout-stages'
import type { StepVerdict } from './contracts'
import { byRules, type Expected, type Judge } from './watch-workload'

export const standsStill = 'stands-still'

interface Held {
  upgradeId: string
  /** of the workload */
  name: string
  stage: Stage
  /** new pods with which it stands still */
  pods: number
  /** the stage was reached before, by an attempt that died since */
  isHeld: boolean
  /** pauses it; a verdict where somebody else does something with it */
  hold(): Promise<StepVerdict | undefined>
  /** takes down that it is held */
  held(words: string): Promise<void>
}

/**
 * Judges the rollout up to a stage by the rules for any, and ends healthy once it stands still with the new pods of the
 * stage ready. One that is through before it could be held is healthy as well: then there is nothing to stand still beside.
 */
export function stageJudge(expected: Expected, stage: Held): Judge {
  const rules = byRules(expected)
  let { isHeld } = stage
  let desiredBefore: number | undefined
  return async (seen, before, now) => {
    const judged = await rules(withoutOwnHold(seen, stage.upgradeId), before, now)
    const { there, ready } = newPods(seen)
    const say = (kind: Verdict['kind'], reason: string, sentence: string) => ({
      verdict: { kind, reason, sentence },
      memory: judged.memory,
    })
    const words = stageWords(stage.name, stage.stage, there, seen.desired)
    const hold = holdOf(seen, stage.upgradeId)
    if (hold === 'ours' && seen.observedGeneration >= seen.generation) {
      desiredBefore ??= seen.desired
      // Its controller has taken new pods away with the old ones: neither a failure, nor worth waiting for.
      if (seen.desired < desiredBefore && Math.min(seen.updated, wantedNew(seen)) < stage.pods)
        return say('unknown', 'scaled-down', scaledWords(stage, seen.desired))
      if (!isHeld && there >= stage.pods) {
        await stage.held(words)
        isHeld = true
      }
      if (isHeld && there >= stage.pods && ready === there) return say('healthy', standsStill, words)
      return judged.verdict.kind === 'healthy' ? say('progressing', 'rolling', words) : judged
    }
    if (judged.verdict.kind !== 'progressing' || hold !== 'none') return judged
    if (isHeld) return say('conflict', 'resumed', 'somebody let the rollout go on that Refit holds')
    if (seen.observedGeneration < seen.generation || seen.updated < stage.pods) return judged
    const conflict = await stage.hold()
    return conflict ? say(conflict.kind, conflict.reason, conflict.sentence) : judged
  }
}

const scaledWords = ({ name, pods, stage }: Held, desired: number): string =>
  `${name} was scaled down to ${desired} while it stood still (${stage.title}), which left fewer than ${pods} new pods to watch`
