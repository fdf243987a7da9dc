import type { HostLimits } from '../contracts'

/** For a process that shares no registry with others. */
export const noLimits: HostLimits = {
  take: () => Promise.resolve(),
  block: () => Promise.resolve(),
}
