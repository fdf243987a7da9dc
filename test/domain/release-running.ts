import type { ReleaseDefinition } from '../../src/domain/release'
import { outlineRelease, type ReleaseService } from '../../src/domain/release-outline'
import { policy, service, workload } from './fixtures'

export const host = 'registry.example.org:5000'

/** A service of one Deployment that runs this image. */
export const running = (path: string, tag: string, more: Partial<ReleaseService> = {}): ReleaseService => {
  const repository = `${host}/${path}`
  const name = path.slice(path.lastIndexOf('/') + 1)
  return {
    ...service({
      name,
      repository,
      workloads: [workload({ name, containers: [{ name, init: false, image: `${repository}:${tag}` }] })],
    }),
    policy: policy(),
    ...more,
  }
}

/** A release of the sample hub. */
export const definition = (more: Partial<ReleaseDefinition> = {}): ReleaseDefinition => ({
  release: '1.1.0',
  services: { 'hub/ledger': 'v1.1.0', 'hub/quoting': 'v1.1.0', 'hub/settlement': 'v1.1.0' },
  requires: {},
  order: [],
  source: 'a test',
  ...more,
})

/** The sample hub at v1.0.0. */
export const hub = [
  running('hub/ledger', 'v1.0.0'),
  running('hub/quoting', 'v1.0.0'),
  running('hub/settlement', 'v1.0.0'),
]
export const ledgerFirst = [{ first: 'hub/ledger', then: ['hub/quoting', 'hub/settlement'] }]

/** What such a release would do. */
export const outline = (more: Partial<ReleaseDefinition> = {}, services: ReleaseService[] = hub, order = ledgerFirst) =>
  outlineRelease({ definition: definition(more), running: services, order })
