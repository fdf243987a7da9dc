import type { PodObservation, RolloutObservation } from '../../src/domain/rollout'
import { second, fresh, old, rolling, waits, ended, watch, steady } from './rollout-watch'

describe('failing signs and their graces', () => {
  const backOff = 'Back-off pulling image "x"'
  test.each<[string, PodObservation, number, string]>([
    ['an invalid image name', waits('InvalidImageName'), 0, 'image-name'],
    ['an image that may not be pulled', waits('ErrImageNeverPull'), 0, 'image-name'],
    ['an image that is not found', waits('ErrImagePull', 'rpc error: not found'), 15, 'image-refused'],
    ['unauthorized', waits('ImagePullBackOff', `${backOff}: 401 Unauthorized`), 15, 'image-refused'],
    [
      'a platform that it was not built for',
      waits('ErrImagePull', 'no match for platform in manifest'),
      15,
      'image-refused',
    ],
    ['a registry that is busy', waits('ErrImagePull', '429 Too Many Requests'), 120, 'image-pull'],
    ['a registry that is away', waits('ErrImagePull', 'dial tcp: i/o timeout'), 120, 'image-pull'],
    ['a missing Secret', waits('CreateContainerConfigError', 'secret "db" not found'), 60, 'container-start'],
    ['a container that can not be created', waits('CreateContainerError'), 60, 'container-start'],
    ['a command that does not exist', waits('RunContainerError'), 60, 'container-start'],
    ['a crash loop', waits('CrashLoopBackOff', '', { restarts: 1 }), 30, 'crash-loop'],
    [
      'no node',
      fresh({ phase: 'Pending', unschedulable: { since: 0, message: '0/1 nodes are available' } }),
      15,
      'unschedulable',
    ],
    [
      'no node yet, the cluster grows',
      fresh({ phase: 'Pending', unschedulable: { since: 0, message: 'pod triggered scale-up' } }),
      120,
      'unschedulable',
    ],
  ])('%s', (_, failing, grace, reason) => {
    const seen = rolling([failing])
    if (grace > 0) expect(watch(steady(seen, grace - 1)).kind).toBe('progressing')
    expect(watch(steady(seen, grace))).toMatchObject({ kind: 'failed', reason })
  })

  test.each([
    ['new pods are forbidden', 'pods "x" is forbidden: denied by policy', 15, 'admission'],
    ['the quota is used up', 'pods "x" is forbidden: exceeded quota: hub', 60, 'quota'],
  ])('%s', (_, message, grace, reason) => {
    const seen = rolling([], { updated: 0, total: 3, replicaFailure: { reason: 'FailedCreate', message, since: 0 } })
    expect(watch(steady(seen, grace - 1)).kind).toBe('progressing')
    expect(watch(steady(seen, grace))).toMatchObject({ kind: 'failed', reason })
  })

  test('a grace is never longer than stall', () =>
    expect(watch(steady(rolling([waits('RunContainerError')]), 5), { stallMs: 5 * second })).toMatchObject({
      kind: 'failed',
      reason: 'container-start',
    }))
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
    expect(watch(steady(seen, 30)).sentence).toBe(
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
        [50, rolling([fresh()])],
        [55, bad],
        [100, bad],
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
