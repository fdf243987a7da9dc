import type { Expected } from '../domain/expected-duration'
import type { Plan } from '../domain/plan'
import { durationWords } from '../domain/text'
import { startState } from '../domain/start-state'
import type { WindowState } from '../domain/window'
import { frozenWords } from '../domain/window-words'
import type { WindowAnswer, WindowQuestion } from './contracts'
import { dataConflict } from './data-conflict'
import type { Dependencies } from './dependencies'
import { expectedDuration } from './expected-duration'

/**
 * Whether an upgrade may start at `now`, or go on: by the windows and freezes of its plan, the freeze switch, and whether
 * it still fits into its window. In an activity, because time zone data comes with the Node binary and a replay on another
 * one could disagree.
 */
export const window =
  ({ store, config }: Pick<Dependencies, 'store' | 'config'>) =>
  async ({ planHash, upgradeId, now, emergency, underway = false, start }: WindowQuestion): Promise<WindowAnswer> => {
    const plan = await store.plans.read(planHash)
    const [freeze] = emergency?.overrideFreeze ? [] : await store.freezes.list(plan.service.namespace)
    if (freeze)
      return { kind: 'closed', opensAt: null, cause: 'freeze', because: `freeze by ${freeze.by}: ${freeze.reason}` }
    const rules = {
      windows: emergency ? [] : plan.policy.windows,
      freezes: emergency?.overrideFreeze ? [] : plan.policy.freezes,
    }
    const expected = underway || emergency ? undefined : await expectedDuration(store, plan)
    const answer = answerOf(startState(rules, now, expected), { plan, now, expected })
    if (!start || answer.kind !== 'open') return answer
    const data = await dataConflict(store, plan)
    if (data !== undefined) return { kind: 'closed', opensAt: null, cause: 'data', because: data }
    // A release has its own order, and an emergency waits for nobody.
    if (underway || emergency || (await store.turns.take(upgradeId, config.upgradesAtOnce))) return answer
    const because = `turn, because upgradesAtOnce is ${config.upgradesAtOnce} and as many are under way`
    return { kind: 'closed', opensAt: null, cause: 'turn', because }
  }

const learnedWords = ', as earlier ones did; a longer window or expectedDuration in its policy lets it start'

/** Reasons are nouns with what belongs to them. */
function answerOf(
  state: WindowState,
  { plan, now, expected }: { plan: Plan; now: number; expected: Expected | undefined },
): WindowAnswer {
  switch (state.kind) {
    case 'open':
      return { kind: 'open', ...(state.closesAt === undefined ? {} : { closesAt: state.closesAt }) }
    case 'never':
      return { kind: 'never', because: state.because + (expected?.source === 'learned' ? learnedWords : '') }
    case 'closed':
      return {
        kind: 'closed',
        opensAt: state.opensAt,
        cause: state.because === 'freeze' ? 'freeze' : 'window',
        because: becauseWords(state.because),
      }
  }

  function becauseWords(because: Extract<WindowState, { kind: 'closed' }>['because']): string {
    if (because === 'window') return 'window'
    if (because === 'freeze') return frozenWords(plan.policy, now).replace(/^the /, '')
    return `next window, because less than the expected ${durationWords(expected?.ms ?? 0)} is left of this one,`
  }
}
