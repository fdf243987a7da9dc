import type { ReleaseService } from '../../src/domain/release-outline'
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
