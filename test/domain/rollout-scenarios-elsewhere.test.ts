import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(__dirname, '..')

/** Scenarios of rollouts that other files test, by what their tests are called there. */
const tested: Record<string, [file: string, title: string]> = {
  'sc-004 a good release after a bad one starts from the beginning': [
    'domain/decide-holds.test.ts',
    'in quarantine it hides no lower one',
  ],
  'sc-010 the time for which a canary stands still is no stall': [
    'activities/canary.test.ts',
    'its pods are watched alone, then it goes on to the next stage and to its end',
  ],
  'sc-005 abort returns to what ran': [
    'node/migrations.node.test.ts',
    'aborted during the bake: old pods become ready',
  ],
  'sc-008 what is written wrong is refused with its place': ['config/refusals.test.ts', 'names every problem at once'],
  'sc-014 after an abort the new pods go': ['integration/outages.real.test.ts', 'the service is put back all the same'],
  'sc-025 good answers for the whole time': ['activities/bake.test.ts', 'good for the whole time is healthy'],
  'sc-026 neither good nor bad: a person decides': [
    'activities/bake.test.ts',
    'end as unknown after minutes, never as failed',
  ],
  'sc-027 one of several checks fails': ['activities/bake.test.ts', 'do not clear the first one’s bad ones'],
  'sc-029 sick after all pods are new': ['node/upgrade.node.test.ts', 'sick during the bake'],
  'sc-036 the undos run in reverse order': [
    'workflows/release.real.test.ts',
    'a failure: the last first, one after the other',
  ],
  'sc-043 what is not known is refused, and no pod changed': ['config/refusals.test.ts', 'names every problem at once'],
  'sc-050 Recreate can not be without a gap': ['domain/preflight.test.ts', 'Recreate of three, one allowed'],
  'sc-051 without history nothing can be undone': ['domain/preflight.test.ts', 'no history'],
  'sc-057 what runs already is not undone': [
    'activities/rollout.test.ts',
    'a patch that never landed leaves nothing to restore',
  ],
  'sc-063 a StatefulSet with a partition': [
    'domain/rollout-kinds.test.ts',
    'StatefulSet: only pods above the partition are waited for',
  ],
  'sc-070 a migration Job that failed': [
    'node/upgrade.node.test.ts',
    'a migration that fails stops before any image is patched',
  ],
  'sc-077 two bad answers in a row': ['activities/bake.test.ts', 'two bad answers in a row fail; one does not'],
  'sc-079 the same failed version again': ['node/upgrade.node.test.ts', 'its digest quarantined and not offered again'],
  'sc-081 a newer one while one waits': [
    'workflows/upgrade-messages.real.test.ts',
    'a newer candidate voids a plan that waits',
  ],
  'sc-107 an approval that comes twice': ['workflows/votes.real.test.ts', 'the same vote sent again'],
  'sc-110 a Job past its deadline': ['clients/kubernetes-jobs.test.ts', 'DeadlineExceeded'],
  'sc-114 a registry that does not answer is not "no version"': [
    'activities/decide-service.test.ts',
    'a registry that fails at',
  ],
  'sc-117 a single instance goes down only where that is allowed': [
    'domain/preflight.test.ts',
    'Recreate with one replica, allowed',
  ],
  'sc-118 a failed change of the data, reverted': [
    'node/migrations.node.test.ts',
    'a migration that fails in the new init container',
  ],
  'sc-120 a controller that is away': [
    'integration/outages.real.test.ts',
    'the worker is killed in the middle of a rollout',
  ],
  'sc-189 migrations before pods': ['workflows/upgrade.real.test.ts', 'goes through every stage in order'],
}

/** And those that Refit has no counterpart of. */
const without: Record<string, string> = {
  'sc-006': 'no verb skips checks: an upgrade is promoted by its own rules only',
  'sc-007': 'Refit evicts nothing: budgets are looked at in preflight',
  'sc-016': 'the Deployment controller scales old ReplicaSets down; Refit keeps none of them warm',
  'sc-023': 'there is no weight of traffic: maxUnavailable 0 keeps the old pods until new ones are ready',
  'sc-048': 'there is no weight of traffic: Service objects send requests to ready pods only',
  'sc-080': 'there is no second copy of a service that is promoted: the pods that were watched are those that stay',
  'sc-082': 'no check can be skipped: with a bake of 0 each new pod is asked once',
  'sc-115': 'which pod of a StatefulSet goes first is decided by its controller, and by the application in it',
  'sc-122': 'the StatefulSet controller releases one pod at a time; Refit waits for all of them',
  'sc-108': 'Refit restarts no nodes',
  'sc-109': 'Refit cordons no nodes',
}

test.each(Object.entries(tested))('%s', (_, [file, title]) => {
  const path = join(folder, file)
  expect(existsSync(path)).toBe(true)
  expect(readFileSync(path, 'utf8')).toContain(title)
})

test.each(Object.entries(without))('%s has no counterpart: %s', (_, reason) => expect(reason).not.toBe(''))
