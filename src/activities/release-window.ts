import { combinedWindowState } from '../domain/window'
import { wordList } from '../domain/text'
import type { Dependencies } from './dependencies'

/** Whether all services of a release may start at `now`, and else when. An opening that is null waits for a person. */
export type ReleaseWindowAnswer =
  | { kind: 'open' }
  | { kind: 'closed'; opensAt: number | null; cause?: 'window' | 'freeze'; because: string }
  | { kind: 'never'; because: string }

/** The windows that the policies of a release share, and the freeze switch. `now` is the workflow's time. */
export const releaseWindow =
  ({ store }: Dependencies) =>
  async ({ releaseId, now }: { releaseId: string; now: number }): Promise<ReleaseWindowAnswer> => {
    const services = await store.releases.services(releaseId)
    const frozen = await store.freezes.list()
    const live = frozen.find(
      ({ namespace }) => namespace === null || services.some((each) => each.namespace === namespace),
    )
    if (live)
      return {
        kind: 'closed',
        opensAt: null,
        cause: 'freeze',
        because: `freeze of ${live.namespace ?? 'the hub'} by ${live.by}: ${live.reason}`,
      }
    const plans = await Promise.all(services.map(({ planHash }) => store.plans.read(planHash)))
    const state = combinedWindowState(
      plans.map(({ policy }) => policy),
      now,
    )
    if (state.kind === 'never') return state
    if (state.kind === 'open') return { kind: 'open' }
    const names = [...new Set(plans.map(({ policy }) => policy.name))].sort()
    return {
      kind: 'closed',
      opensAt: state.opensAt,
      cause: state.because === 'freeze' ? 'freeze' : 'window',
      because: `${state.because} of ${wordList(names)}`,
    }
  }
