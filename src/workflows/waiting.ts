import type { PlannedUpgrade } from '../activities/contracts'
import type { Phase } from '../domain/status'
import type { Votes } from '../domain/votes'
import type { Mail } from './mailbox'

/** What a waiting upgrade takes along when it continues as new. What builds before this one left out is optional. */
export interface Waiting {
  plan: PlannedUpgrade
  votes: Votes
  askedAt: number
  mail?: Omit<Mail, 'votes'>
  entered?: Entered
  escalated?: boolean
  /** what `window` last showed */
  shown?: string
}

/** How often each phase began anew. */
export type Entered = Partial<Record<Phase | 'waits', number>>
