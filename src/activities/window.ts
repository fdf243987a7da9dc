import { windowState } from '../domain/window'
import type { WindowAnswer, WindowQuestion } from './contracts'
import type { Dependencies } from './dependencies'

/**
 * Whether an upgrade may start at `now`, or go on. In an activity, because time zone data comes with the Node binary and a
 * replay on another one could disagree; `now` is the workflow's time.
 */
export const window =
  ({ store }: Dependencies) =>
  async ({ planHash, now, emergency }: WindowQuestion): Promise<WindowAnswer> => {
    const { policy, service } = await store.plans.read(planHash)
    const [freeze] = await store.freezes.list(service.namespace)
    if (freeze && !emergency?.overrideFreeze)
      return { kind: 'closed', opensAt: null, because: `freeze by ${freeze.by}: ${freeze.reason}` }
    const state = windowState({
      windows: emergency ? [] : policy.windows,
      freezes: emergency?.overrideFreeze ? [] : policy.freezes,
      now,
    })
    switch (state.kind) {
      case 'open':
        return { kind: 'open', ...(state.closesAt === undefined ? {} : { closesAt: state.closesAt }) }
      case 'closed':
        return { kind: 'closed', opensAt: state.opensAt, because: state.because }
      case 'never':
        return { kind: 'never', because: 'no window of the policy ever opens outside its freezes' }
    }
  }
