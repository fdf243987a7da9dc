import { windowState } from '../domain/window'
import type { UpgradeKey, WindowAnswer } from './contracts'
import type { Dependencies } from './dependencies'

/**
 * Whether an upgrade may start at `now`. In an activity, because time zone data comes with the Node binary and a replay
 * on another one could disagree; `now` is the workflow's time.
 */
export const window =
  ({ store }: Dependencies) =>
  async ({ planHash, now }: UpgradeKey & { now: number }): Promise<WindowAnswer> => {
    const { policy } = await store.plans.read(planHash)
    const state = windowState({ windows: policy.windows, freezes: policy.freezes, now })
    switch (state.kind) {
      case 'open':
        return { kind: 'open' }
      case 'closed':
        return { kind: 'closed', opensAt: state.opensAt, because: state.because }
      case 'never':
        return { kind: 'never' }
    }
  }
