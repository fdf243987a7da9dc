import * as tagPolicy from '../../src/domain/tag-policy'
import { container, decided, policy, service, workload } from './fixtures'

jest.mock('../../src/domain/tag-policy', () => ({
  __esModule: true,
  ...jest.requireActual<typeof tagPolicy>('../../src/domain/tag-policy'),
}))

test('services of one list, policy and version share what it was judged to be; no others do', () => {
  const judge = jest.spyOn(tagPolicy, 'judgeTags')
  const tags = { kind: 'list' as const, tags: ['v1.0.0', 'v1.0.1', 'v1.1.0'] }
  const services = Array.from({ length: 30 }, (_, i) => service({ namespace: `hub-${i}` }))
  for (const each of services) expect(decided({ service: each, tags }).decision.candidate?.tag).toBe('v1.0.1')
  expect(judge).toHaveBeenCalledTimes(1)

  expect(decided({ tags, policy: policy({ strategy: 'minor' }) }).decision.candidate?.tag).toBe('v1.1.0')
  const newer = service({ workloads: [workload({ containers: [container('v1.0.1')] })] })
  expect(decided({ tags, service: newer }).decision.kind).not.toBe('candidate')
  expect(decided({ tags: { ...tags, tags: ['v1.0.0', 'v1.0.3'] } }).decision.candidate?.tag).toBe('v1.0.3')
  expect(judge).toHaveBeenCalledTimes(4)
})
