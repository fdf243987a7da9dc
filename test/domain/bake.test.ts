import { judgeBake, newBakeMemory } from '../../src/domain/bake'
import type { PodObservation, RolloutObservation } from '../../src/domain/rollout'
import { image, newImage, observation, pod } from './fixtures'

const expected = { containers: [{ name: 'ledger', init: false, image: newImage }] }

/** The first observation begins the bake; the last verdict. */
function bake(...looks: RolloutObservation[]) {
  let memory = newBakeMemory(looks[0]!)
  let verdict = judgeBake(looks[0]!, expected, memory).verdict
  looks.forEach((seen) => {
    if (verdict.kind !== 'progressing') return
    const judged = judgeBake(seen, expected, JSON.parse(JSON.stringify(memory)) as typeof memory)
    memory = judged.memory
    verdict = judged.verdict
  })
  return verdict
}
const pods = (...list: PodObservation[]) => observation({ pods: list })
const sick = pod({ ready: false })

test.each<[string, RolloutObservation[], string, string]>([
  ['all stays well', [pods(pod()), pods(pod())], 'progressing', '1 of 3 new pods ready'],
  [
    'a restart',
    [
      pods(pod({ restarts: 1 })),
      pods(pod({ restarts: 2, terminated: [{ container: 'ledger', init: false, reason: 'Error', exitCode: 1 }] })),
    ],
    'failed',
    'pod new-1 restarted during the bake: ledger ended with Error, exit code 1',
  ],
  [
    'restarts from before count for nothing',
    [pods(pod({ restarts: 2 })), pods(pod({ restarts: 2 }))],
    'progressing',
    '',
  ],
  ['readiness not seen once', [pods(pod()), pods(sick)], 'progressing', ''],
  ['lost readiness', [pods(pod()), pods(sick), pods(sick)], 'failed', 'pod new-1 lost its readiness'],
  [
    'readiness lost, back, and lost again',
    [pods(pod()), pods(sick), pods(pod()), pods(sick)],
    'failed',
    'pod new-1 lost its readiness',
  ],
  ['a hiccup that is over', [pods(pod()), pods(sick), pods(pod()), pods(pod())], 'progressing', '1 of 3'],
  ['lost between rollout and bake', [pods(sick), pods(sick)], 'failed', 'pod new-1 lost its readiness'],
  ['a pod being deleted', [pods(pod()), pods(pod({ ready: false, deleting: true }))], 'progressing', ''],
  ['an evicted pod', [pods(pod()), pods(pod({ ready: false, phase: 'Failed' }))], 'progressing', ''],
  ['a pod that is gone', [pods(pod()), pods()], 'progressing', ''],
  ['scaled up: not ready yet', [pods(pod()), pods(pod(), pod({ name: 'x', ready: false }))], 'progressing', ''],
  [
    'scaled up: ready, then not',
    [
      pods(pod()),
      pods(pod(), pod({ name: 'x' })),
      pods(pod(), pod({ name: 'x', ready: false })),
      pods(pod(), pod({ name: 'x', ready: false })),
    ],
    'failed',
    'pod x lost its readiness',
  ],
  [
    'scaled up: restarts',
    [pods(pod()), pods(pod(), pod({ name: 'x', ready: false, restarts: 1 }))],
    'failed',
    'pod x restarted',
  ],
  [
    'old pods do as they like',
    [pods(pod()), pods(pod(), pod({ name: 'old', isNew: false, ready: false, restarts: 9 }))],
    'progressing',
    '',
  ],
  [
    'another image',
    [pods(pod()), observation({ containers: [{ name: 'ledger', init: false, image: image('v1.0.0') }] })],
    'conflict',
    'by somebody else',
  ],
  ['paused', [pods(pod()), observation({ paused: true })], 'conflict', 'paused'],
  [
    'another template',
    [observation({ templateHash: 'a' }), observation({ templateHash: 'b' })],
    'conflict',
    'the pod template was changed',
  ],
  ['scaled to nothing', [pods(pod()), observation({ desired: 0, pods: [] })], 'progressing', '0 of 0'],
])('%s', (_, looks, kind, sentence) => {
  const verdict = bake(...looks)
  expect(verdict.kind).toBe(kind)
  expect(verdict.sentence).toContain(sentence)
})
