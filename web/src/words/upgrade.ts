/** Upgrades in words. */
import type { Outcome, Phase } from '../../../src/domain/status'
import type { UpgradeRow } from '../api/shapes'
import type { Tone } from '../ui/tone'

const outcomeTones: Record<Outcome, Tone> = {
  succeeded: 'good',
  'rolled-back': 'bad',
  rejected: 'quiet',
  expired: 'quiet',
  refused: 'warn',
  superseded: 'quiet',
  aborted: 'warn',
  held: 'bad',
  'up-to-date': 'quiet',
}

/** What each outcome means, for whoever reads the word for the first time. */
export const outcomeWords: Record<Outcome, string> = {
  succeeded: 'The new images run and stayed healthy through the bake.',
  'rolled-back': 'A step failed clearly. The images are back, and the digest is in quarantine.',
  aborted: 'A person stopped it. The images are back, and the digest is not offered again.',
  rejected: 'A person said no. The digest is not offered again.',
  expired: 'Nobody answered in time. The next scan asks again.',
  superseded: 'Something newer appeared while it waited.',
  refused: 'A reason not to start was found. Nothing was written.',
  held: 'Only a person can tell what to do. Nothing more is done to the service until somebody does.',
  'up-to-date': 'There was nothing to do.',
}

export const phaseWords: Record<Phase, string> = {
  plan: 'Plan',
  approval: 'Approval',
  window: 'Window',
  preflight: 'Preflight',
  expand: 'Expand',
  backfill: 'Backfill',
  rollout: 'Rollout',
  bake: 'Bake',
  rollback: 'Rollback',
}

/** The outcome, else the phase. */
export const stageOf = ({ outcome, phase }: Pick<UpgradeRow, 'outcome' | 'phase'>): { word: string; tone: Tone } =>
  outcome
    ? { word: outcome, tone: outcomeTones[outcome] }
    : { word: phase, tone: phase === 'approval' ? 'ask' : phase === 'rollback' ? 'bad' : 'info' }

/** What an upgrade does or waits for now, in a sentence without its end. */
export const nowWords = ({ waitingFor, message, outcome }: UpgradeRow): string =>
  !outcome && waitingFor ? `waits for ${waitingFor}` : message

/** Whether it waits for people's yes. */
export const waitsForApproval = ({ outcome, phase }: Pick<UpgradeRow, 'outcome' | 'phase'>): boolean =>
  outcome === null && phase === 'approval'

/** Whether somebody must request it before anybody approves. */
export const wantsRequest = (row: UpgradeRow): boolean =>
  waitsForApproval(row) && row.waitingFor.startsWith('a request')

/** Whether somebody has paused it. What a freeze says in a person's words is no pause. */
export const isPaused = ({ outcome, phase, waitingFor }: UpgradeRow): boolean =>
  outcome === null && (/^a resume\b/.test(waitingFor) || (phase === 'approval' && /, paused\b/.test(waitingFor)))
