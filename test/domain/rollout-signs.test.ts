import type { PodObservation, RolloutObservation } from '../../src/domain/rollout'
import { second, fresh, old, rolling, waits, ended, watch, steady } from './rollout-watch'

describe('failing signs and their graces', () => {
  const backOff = 'Back-off pulling image "x"'
  test.each<[string, PodObservation, number, string]>([
    ['an invalid image name', waits('InvalidImageName'), 0, 'image-name'],
    ['an image that may not be pulled', waits('ErrImageNeverPull'), 0, 'image-name'],
    ['an image that is not found', waits('ErrImagePull', 'rpc error: not found'), 10, 'image-refused'],
    ['unauthorized', waits('ImagePullBackOff', `${backOff}: 401 Unauthorized`), 10, 'image-refused'],
    [
      'a platform that it was not built for',
      waits('ErrImagePull', 'no match for platform in manifest'),
      10,
      'image-refused',
    ],
    ['a registry that is busy', waits('ErrImagePull', '429 Too Many Requests'), 300, 'image-pull'],
    ['a registry that is away', waits('ErrImagePull', 'dial tcp: i/o timeout'), 300, 'image-pull'],
    ['a registry without a valid certificate', waits('ErrImagePull', 'tls: failed to verify'), 300, 'image-pull'],
    ['a missing Secret', waits('CreateContainerConfigError', 'secret "db" not found'), 10, 'container-start'],
    ['a missing ConfigMap', waits('CreateContainerConfigError', 'configmap "app" not found'), 10, 'container-start'],
    [
      "a kubelet's cache that is late",
      waits('CreateContainerConfigError', 'failed to sync configmap cache: timed out waiting'),
      60,
      'container-start',
    ],
    [
      'a container that can not be created',
      waits('CreateContainerError', 'no command specified'),
      10,
      'container-start',
    ],
    ['a name that is still reserved', waits('CreateContainerError', 'name "x" is reserved'), 60, 'container-start'],
    ['a command that does not exist', waits('RunContainerError', 'exec: "x": not found'), 10, 'container-start'],
    ['a crash loop', waits('CrashLoopBackOff', '', { restarts: 1 }), 12, 'crash-loop'],
    [
      'no node',
      fresh({ phase: 'Pending', unschedulable: { since: 0, message: '0/1 nodes are available' } }),
      12,
      'unschedulable',
    ],
    [
      'no node yet, the cluster grows',
      fresh({ phase: 'Pending', unschedulable: { since: 0, message: '0/1 nodes are available', scaleUp: true } }),
      300,
      'unschedulable',
    ],
  ])('%s', (_, failing, grace, reason) => {
    const seen = rolling([failing])
    if (grace > 0) expect(watch(steady(seen, grace - 1)).kind).toBe('progressing')
    expect(watch(steady(seen, grace))).toMatchObject({ kind: 'failed', reason, since: 0 })
  })

  test.each([
    ['new pods are forbidden', 'pods "x" is forbidden: denied by policy', 10, 'admission'],
    ['the quota is used up', 'pods "x" is forbidden: exceeded quota: hub', 10, 'quota'],
  ])('%s', (_, message, grace, reason) => {
    const seen = rolling([], { updated: 0, total: 3, replicaFailure: { reason: 'FailedCreate', message, since: 0 } })
    expect(watch(steady(seen, grace - 1)).kind).toBe('progressing')
    expect(watch(steady(seen, grace))).toMatchObject({ kind: 'failed', reason })
  })

  const quota = { reason: 'FailedCreate', message: 'exceeded quota: hub', since: 0 }
  const nowhere = fresh({ phase: 'Pending', unschedulable: { since: 0, message: '0/1 nodes are available' } })
  test.each<[string, RolloutObservation, Parameters<typeof watch>[1], number]>([
    [
      'a quota, while a pod is on its way out',
      rolling([old({ name: 'old-9', deleting: true })], { replicaFailure: quota }),
      {},
      60,
    ],
    ['no node, while a pod is on its way out', rolling([nowhere, old({ name: 'old-9', deleting: true })]), {}, 60],
    ['a grace is never longer than stall', rolling([waits('RunContainerError')]), { stallMs: 5 * second }, 5],
    [
      'a grace that is written is',
      rolling([waits('RunContainerError')]),
      { stallMs: 5 * second, graces: { containerStart: 9 * second } },
      9,
    ],
    [
      'written for a crash loop',
      rolling([waits('CrashLoopBackOff', '', { restarts: 7 })]),
      { graces: { crashLoop: 90 * second } },
      90,
    ],
    ['written for a quota', rolling([], { replicaFailure: quota }), { graces: { quota: 30 * second } }, 30],
    [
      'written for pulls that heal',
      rolling([waits('ErrImagePull', 'i/o timeout')]),
      { graces: { imagePull: 20 * second } },
      20,
    ],
    [
      'written for a cluster that grows',
      rolling([fresh({ unschedulable: { since: 0, message: '', scaleUp: true } })]),
      { graces: { scaleUp: 400 * second } },
      400,
    ],
  ])('%s: it lasts as long as it may', (_, seen, given, grace) => {
    expect(watch(steady(seen, grace - 1), given).kind).toBe('progressing')
    expect(watch(steady(seen, grace), given).kind).toBe('failed')
  })

  test('room that has just been made is used only after a while', () => {
    const leaves = rolling([old({ name: 'old-9', deleting: true })], { replicaFailure: quota })
    const left = rolling([], { replicaFailure: quota })
    const looks: [number, RolloutObservation][] = [
      [0, leaves],
      [30, left],
      [59, left],
    ]
    expect(watch(looks).kind).toBe('progressing')
    expect(watch([...looks, [60, left]])).toMatchObject({ kind: 'failed', reason: 'quota' })
  })
  test('a third restart fails at once', () =>
    expect(
      watch([
        [0, rolling([])],
        [9, rolling([ended('Error', 1, 3)])],
      ]),
    ).toMatchObject({ kind: 'failed', reason: 'crash-loop' }))
  test('two restarts do not', () =>
    expect(
      watch([
        [0, rolling([])],
        [9, rolling([ended('Error', 1, 2)])],
      ]).kind,
    ).toBe('progressing'))
  test('two for want of memory do', () =>
    expect(
      watch([
        [0, rolling([])],
        [9, rolling([ended('OOMKilled', 137, 2)])],
      ]),
    ).toMatchObject({ kind: 'failed', reason: 'out-of-memory' }))
  test('one for want of memory does not', () =>
    expect(
      watch([
        [0, rolling([])],
        [9, rolling([ended('OOMKilled', 137, 1)])],
      ]).kind,
    ).toBe('progressing'))
  test('a second one is seen while it backs off', () =>
    expect(
      watch([
        [0, rolling([])],
        [
          9,
          rolling([
            {
              ...ended('OOMKilled', 137, 1),
              ...waits('CrashLoopBackOff'),
              terminated: ended('OOMKilled', 137, 1).terminated,
              restarts: 1,
            },
          ]),
        ],
      ]),
    ).toMatchObject({ kind: 'failed', reason: 'out-of-memory' }))
  test('a third end fails at once: the container backs off after its second restart', () =>
    expect(
      watch([
        [0, rolling([])],
        [1, rolling([waits('CrashLoopBackOff', '', { restarts: 1 })])],
        [9, rolling([waits('CrashLoopBackOff', '', { restarts: 2 })])],
      ]),
    ).toMatchObject({ kind: 'failed', reason: 'crash-loop', since: 1_000 }))
  test('a container that runs for a second between two ends has not healed', () => {
    const looks: [number, RolloutObservation][] = [
      [0, rolling([])],
      [1, rolling([waits('CrashLoopBackOff', '', { restarts: 1 })])],
      [11, rolling([ended('Error', 1, 2)])],
      [13, rolling([ended('Error', 1, 2)])],
    ]
    expect(watch(looks.slice(0, 3)).kind).toBe('progressing')
    expect(watch(looks)).toMatchObject({ kind: 'failed', reason: 'crash-loop' })
  })
  test('one that gets ready has', () =>
    expect(
      watch([
        [0, rolling([])],
        [1, rolling([waits('CrashLoopBackOff', '', { restarts: 1 })])],
        [11, rolling([fresh({ ready: true, restarts: 2 })])],
        [20, rolling([fresh({ ready: true, restarts: 2 })])],
      ]).kind,
    ).toBe('progressing'))
  test('a command that the image lacks ends again and again: it can not run', () =>
    expect(watch(steady(rolling([ended('StartError', 128, 0)]), 10))).toMatchObject({
      kind: 'failed',
      reason: 'container-start',
    }))
  test('restarts from before the watch do not count: a rollback wakes pods with a history', () =>
    expect(
      watch([
        [0, rolling([fresh({ restarts: 40 })])],
        [5, rolling([fresh({ restarts: 42 })])],
      ]).kind,
    ).toBe('progressing'))
  test('an init container that crash-loops fails as well', () => {
    const seen = rolling([
      fresh({
        waiting: [{ container: 'run-migration', init: true, reason: 'CrashLoopBackOff', message: '' }],
        terminated: [{ container: 'run-migration', init: true, reason: 'Error', exitCode: 1 }],
      }),
    ])
    expect(watch(steady(seen, 12)).sentence).toBe(
      'pod new-1: init container run-migration crash-loops: init container run-migration ended with Error, exit code 1',
    )
  })
  test('what was said of an image holds while the kubelet backs off', () => {
    const looks: [number, RolloutObservation][] = [
      [0, rolling([waits('ErrImagePull', 'not found')])],
      [8, rolling([waits('ImagePullBackOff', backOff)])],
      [15, rolling([waits('ImagePullBackOff', backOff)])],
    ]
    expect(watch(looks)).toMatchObject({ kind: 'failed', reason: 'image-refused' })
  })
  test('a sign that goes away starts anew', () => {
    const bad = rolling([waits('CreateContainerConfigError')])
    expect(
      watch([
        [0, bad],
        [8, rolling([fresh()])],
        [9, bad],
        [18, bad],
      ]).kind,
    ).toBe('progressing')
  })
  test('signs of old, deleted and evicted pods do not count', () => {
    const sick = { waiting: [{ container: 'ledger', init: false, reason: 'InvalidImageName', message: '' }] }
    expect(
      watch([
        [
          0,
          rolling([
            fresh(),
            old(sick),
            fresh({ name: 'n2', deleting: true, ...sick }),
            fresh({ name: 'n3', phase: 'Failed', ...sick }),
          ]),
        ],
      ]).kind,
    ).toBe('progressing')
  })
})
