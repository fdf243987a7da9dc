import { runningOf } from '../../src/domain/running'
import { container, digest, image, repository, service, workload } from './fixtures'

const of = (...images: ReturnType<typeof container>[][]) =>
  runningOf(service({ workloads: images.map((containers, i) => workload({ name: `w${i}`, containers })) }), 'bugfix')

test('one tag', () =>
  expect(of([container('v1.0.0')])).toEqual({ tag: 'v1.0.0', tags: ['v1.0.0'], digest: digest('a') }))
test('a digest behind the tag changes nothing', () =>
  expect(of([container('v1.0.0', { image: `${image('v1.0.0')}@${digest('a')}` })]).tag).toBe('v1.0.0'))
test('of several the lowest counts', () =>
  expect(of([container('v1.10.0')], [container('v1.9.0')], [container('v1.10.0')])).toMatchObject({
    tag: 'v1.9.0',
    tags: ['v1.9.0', 'v1.10.0'],
  }))
test('init containers do not count', () =>
  expect(of([container('v0.1.0', { init: true }), container('v1.0.0')]).tag).toBe('v1.0.0'))
test('pods that disagree have no one digest', () =>
  expect(runningOf(service({ runningDigests: [digest('a'), digest('b')] }), 'bugfix').digest).toBeUndefined())

test.each([
  ['only init containers', [container('v1.0.0', { init: true })], `no application container runs ${repository}`],
  [
    'a digest alone',
    [container('', { image: `${repository}@${digest('a')}` })],
    `${repository}@${digest('a')} names no tag`,
  ],
  ['no tag', [container('', { image: repository })], `${repository} names no tag`],
  ['a floating tag', [container('latest')], 'the running tag latest is not a version'],
  ['one floating among others', [container('v1.0.0'), container('latest')], 'the running tag latest is not a version'],
  ['a malformed image', [container('', { image: 'UPPER CASE' })], 'UPPER CASE names no tag'],
])('%s can not be compared', (_, containers, problem) => expect(of(containers).problem).toBe(problem))
