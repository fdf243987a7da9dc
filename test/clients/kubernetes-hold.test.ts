import { heldMark, holdOperations } from '../../src/clients/kubernetes/hold'
import type { Deployment } from '../../src/clients/kubernetes/wire'
import { heldPartitionKey, pausedByKey } from '../../src/domain/rollout-hold'
import { deployment } from './kubernetes-objects'

const mark = '/metadata/annotations/refit.dev~1paused-by'
const unchanged = { op: 'test', path: '/metadata/generation', value: 1 }
const written = '/metadata/annotations/refit.dev~1held-partition'
const marked = (by: string, partition?: number) => ({
  annotations: { [pausedByKey]: by, ...(partition === undefined ? {} : { [heldPartitionKey]: String(partition) }) },
})
const plain = (metadata = {}): Deployment => deployment('api', { metadata: { annotations: { a: 'b' }, ...metadata } })
const paused = (metadata = {}): Deployment => {
  const made = plain(metadata)
  return { ...made, spec: { ...made.spec!, paused: true } }
}
const set = (partition: number, metadata = {}) => {
  const made = plain(metadata)
  return { ...made, spec: { ...made.spec!, updateStrategy: { rollingUpdate: { partition } } } }
}

describe('holding a rollout', () => {
  test('a Deployment is paused and marked in one, if nobody changed its spec since', () =>
    expect(holdOperations(plain(), { hold: { by: 'u1' } })).toEqual([
      unchanged,
      { op: 'add', path: mark, value: 'u1' },
      { op: 'add', path: '/spec/paused', value: true },
    ]))

  test('one without annotations gets them only if nobody else gave it some meanwhile', () =>
    expect(holdOperations(plain({ annotations: undefined }), { hold: { by: 'u1' } })).toEqual([
      unchanged,
      { op: 'test', path: '/metadata/resourceVersion', value: '1' },
      { op: 'add', path: '/metadata/annotations', value: { [pausedByKey]: 'u1' } },
      { op: 'add', path: '/spec/paused', value: true },
    ]))

  test('a StatefulSet gets a partition, and another one in the next stage', () => {
    const path = '/spec/updateStrategy/rollingUpdate/partition'
    expect(holdOperations(set(0), { hold: { by: 'u1', partition: 2 } })).toContainEqual({ op: 'add', path, value: 2 })
    expect(holdOperations(set(2, marked('u1', 2)), { hold: { by: 'u1', partition: 1 } })).toEqual([
      unchanged,
      { op: 'add', path: written, value: '1' },
      { op: 'add', path, value: 1 },
    ])
  })

  test('what it holds already is left as it is', () => {
    expect(holdOperations(paused(marked('u1')), { hold: { by: 'u1' } })).toEqual([])
    expect(holdOperations(set(2, marked('u1', 2)), { hold: { by: 'u1', partition: 2 } })).toEqual([])
  })

  test.each([
    ['a person has paused it', paused(), undefined],
    ['another upgrade holds it', paused(marked('u0')), undefined],
    ['a person has set a partition', set(1), 2],
    ['a person has set another partition than the upgrade', set(3, marked('u1', 2)), 1],
  ])('%s: a conflict', (_, object, partition) => {
    const hold = { by: 'u1', ...(partition === undefined ? {} : { partition }) }
    expect(() => holdOperations(object, { hold })).toThrow('Somebody else holds the rollout')
  })
})

describe('letting it go on', () => {
  const own = { op: 'test', path: mark, value: 'u1' }
  const unmark = { op: 'remove', path: mark }
  test.each([
    ['a Deployment', paused(marked('u1')), [unchanged, own, unmark, { op: 'remove', path: '/spec/paused' }]],
    [
      'a StatefulSet',
      set(2, marked('u1')),
      [unchanged, own, unmark, { op: 'replace', path: '/spec/updateStrategy/rollingUpdate/partition', value: 0 }],
    ],
    [
      'a StatefulSet that says what was written',
      set(2, marked('u1', 2)),
      [
        unchanged,
        own,
        unmark,
        { op: 'remove', path: written },
        { op: 'replace', path: '/spec/updateStrategy/rollingUpdate/partition', value: 0 },
      ],
    ],
    [
      'a StatefulSet whose partition a person has set since: only the marks go',
      set(3, marked('u1', 2)),
      [unchanged, own, unmark, { op: 'remove', path: written }],
    ],
    ['one that somebody let go on: only the mark goes', plain(marked('u1')), [unchanged, own, unmark]],
    ['one that a person has paused: not at all', paused(), []],
    ['one that another upgrade holds: not at all', paused(marked('u0')), []],
    ['one that nobody holds', plain(), []],
  ])('%s', (_, object, operations) => expect(holdOperations(object, { release: 'u1' })).toEqual(operations))
})

test.each([
  ['nobody holds it', set(2), {}],
  ['the upgrade holds it', set(2, marked('u1', 2)), { pausedBy: 'u1' }],
  ['an earlier build held it', set(2, marked('u1')), { pausedBy: 'u1' }],
  ['a person has set another partition', set(3, marked('u1', 2)), { pausedBy: 'u1', otherPartition: 3 }],
])('what is seen where %s', (_, object, mark) => expect(heldMark(object)).toEqual(mark))
