import { notPast, type SchemaUser, type UserSeen } from '../../src/domain/schema-users'
import type { Service } from '../../src/domain/service'
import { digest, observation, service } from './fixtures'

const running = (...images: string[]): Service => {
  const [first] = service().workloads
  return {
    ...service(),
    workloads: images.map((image, index) => ({
      ...(first as Service['workloads'][number]),
      name: `w${index}`,
      containers: [{ name: 'app', init: false, image: image.includes('/') ? image : `registry/hub/ledger:${image}` }],
    })),
  }
}
const done = { ...observation(), generation: 1, observedGeneration: 1, pods: [] }
const seen = (...images: string[]): UserSeen => ({
  service: running(...images),
  rollouts: Object.fromEntries(images.map((_, index) => [`w${index}`, done])),
})
const quoting: SchemaUser = { service: 'hub/ledger', past: { range: '>=1.2.0' } }
const own: SchemaUser = { service: 'hub/ledger', past: { from: 'v1.2.0', digest: digest('b'), strategy: 'minor' } }

test.each([
  ['in the range', 'v1.2.0', true],
  ['newer', 'v2.0.0', true],
  ['older', 'v1.1.9', false],
  ['a pre-release of the release that is needed', 'v1.2.0-rc.1', false],
  ['no version', 'latest', false],
  ['no tag', `registry/hub/ledger@${digest('a')}`, false],
])('%s', (_name, tag, isPast) => {
  expect(notPast(quoting, seen(tag)) === undefined).toBe(isPast)
})

test('not deployed is past', () => {
  expect(notPast(quoting, { service: undefined, rollouts: {} })).toBeUndefined()
})

test('every workload counts', () => {
  expect(notPast(quoting, seen('v1.2.0', 'v1.1.0'))).toBe('hub/ledger (w1 runs v1.1.0, needed is >=1.2.0)')
})

test('an init container does not serve', () => {
  const its = running('v1.2.0')
  its.workloads[0]?.containers.push({ name: 'migrate', init: true, image: 'registry/hub/ledger:v1.0.0' })
  expect(notPast(quoting, { service: its, rollouts: { w0: done } })).toBeUndefined()
})

test('what cannot be read is not past', () => {
  expect(notPast(quoting, { ...seen('v1.2.0'), rollouts: {} })).toBe("hub/ledger (the pods of w0 can't be read)")
})

test('pods of an earlier version are not past, whatever the template says', () => {
  const pod = { ...observation().pods[0], name: 'old', isNew: false } as (typeof done)['pods'][number]
  const old = { ...done, pods: [pod] }
  const words = 'hub/ledger (w0 still has pods of an earlier version)'
  expect(notPast(quoting, { ...seen('v1.2.0'), rollouts: { w0: old } })).toBe(words)
  expect(notPast(quoting, { ...seen('v1.2.0'), rollouts: { w0: { ...done, generation: 2 } } })).toBe(words)
})

test('an upgrade that may still put an older version back is not past', () => {
  expect(notPast(quoting, { ...seen('v1.2.0'), goesBackTo: 'v1.1.0' })).toContain('may still put v1.1.0 back')
  expect(notPast(quoting, { ...seen('v1.2.1'), goesBackTo: 'v1.2.0' })).toBeUndefined()
})

test('the service itself must run what was upgraded to, or newer', () => {
  expect(notPast(own, seen('v1.2.0'))).toBeUndefined()
  expect(notPast(own, seen('v1.3.0'))).toBeUndefined()
  expect(notPast(own, seen('v1.1.0'))).toBe('hub/ledger (w0 runs v1.1.0, needed is v1.2.0 or newer)')
  const moving: SchemaUser = {
    service: 'hub/ledger',
    past: { from: 'stable', digest: digest('b'), strategy: 'digest' },
  }
  expect(notPast(moving, seen(`registry/hub/ledger:stable@${digest('b')}`))).toBeUndefined()
  expect(notPast(moving, seen(`registry/hub/ledger:stable@${digest('a')}`))).toContain('another build of stable')
})
