import { pinnedImage, stuckPods, undoVerdict } from '../../src/domain/rollout-undo'
import { digest, image, observation, planOf, pod } from './fixtures'

describe('pods that keep a StatefulSet from going back', () => {
  const bad = pod({ name: 'ledger-2', uid: 'u2', isNew: false, ready: false })
  const set = { kind: 'StatefulSet' as const, templateHash: 'old' }
  test.each<[string, Parameters<typeof observation>[0], string[]]>([
    ['one of the undone revision that is not ready', { ...set, pods: [pod(), bad] }, ['ledger-2']],
    ['not one that is ready: the controller replaces it', { ...set, pods: [{ ...bad, ready: true }] }, []],
    ['not one that goes already', { ...set, pods: [{ ...bad, deleting: true }] }, []],
    ['not one of the restored revision', { ...set, pods: [{ ...bad, isNew: true }] }, []],
    ['not before Kubernetes has taken up the template', { ...set, observedGeneration: 3, pods: [bad] }, []],
    ['not while nobody knows which revision is which', { kind: 'StatefulSet', pods: [bad] }, []],
    ['not in a Deployment', { templateHash: 'old', pods: [bad] }, []],
  ])('%s', (_, seen, names) => expect(stuckPods(observation(seen)).map(({ name }) => name)).toEqual(names))
})

describe('an undo whose proof comes with the next run', () => {
  const later = { kind: 'healthy', reason: 'not-yet-run', sentence: 'its next run uses the new template' } as const
  const at = { startedAt: 1_000 }
  test.each<[string, { dueAt: number | undefined; now: number }, string]>([
    ['is waited for when the run is due before the deadline', { dueAt: 5_000, now: 2_000 }, 'progressing'],
    ['and while it may still begin', { dueAt: 5_000, now: 30_000 }, 'progressing'],
    ['is unknown when no run began', { dueAt: 5_000, now: 70_000 }, 'unknown'],
    ['is unknown at once when the run is due too late', { dueAt: 20_000, now: 2_000 }, 'unknown'],
    ['is unknown at once when none is due', { dueAt: undefined, now: 2_000 }, 'unknown'],
  ])('%s', (_, when, kind) => {
    const verdict = undoVerdict(later, at, { ...when, deadlineMs: 10_000 })
    expect(verdict).toEqual({ kind, reason: 'not-yet-run', sentence: `not yet run: ${later.sentence}` })
  })

  test('any other verdict stands', () => {
    const failed = { kind: 'failed', reason: 'run-failed', sentence: 'run x failed' } as const
    expect(undoVerdict(failed, at, { dueAt: undefined, deadlineMs: 1, now: 1 })).toBe(failed)
  })
})

test.each<[string, string, string | undefined]>([
  ['the tag that ran', image('v1.0.0'), `${image('v1.0.0')}@${digest('a')}`],
  ['what has its digest already', `${image('v1.0.0')}@${digest('a')}`, undefined],
  ['another tag, whose digest nobody knows', image('v0.9.0'), undefined],
  ['another repository', 'docker.io/library/redis:v1.0.0', undefined],
])('pins %s', (_, text, pinned) => expect(pinnedImage(planOf(), text)).toBe(pinned))
