import type { Decision } from '../../src/domain/decision'
import { type Alert, scanAlerts, type ScanNews } from '../../src/domain/alerts'
import { serviceId, type Service, type Workload } from '../../src/domain/service'

export const hub = { name: 'green-hub', environment: 'production' }
const digest = `sha256:${'b'.repeat(64)}`

export const workload = (name: string, image: string, rest: Partial<Workload> = {}): Workload => ({
  kind: 'Deployment',
  name,
  uid: name,
  resourceVersion: '1',
  generation: 1,
  observedGeneration: 1,
  replicas: 1,
  strategy: { type: 'RollingUpdate', maxSurge: 1, maxUnavailable: 0 },
  paused: false,
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
  containers: [{ name, init: false, image }],
  hasReadinessProbe: true,
  hasPreStop: true,
  ...rest,
})

export const service = (name: string, workloads: Workload[]): Service => ({
  namespace: 'hub',
  name,
  repository: `docker.io/mojaloop/${name}`,
  workloads,
  runningDigests: [],
  nodes: [],
  pullSecrets: [],
})

export const decision = (name: string, rest: Partial<Decision> = {}): Decision => ({
  namespace: 'hub',
  service: name,
  repository: `docker.io/mojaloop/${name}`,
  kind: 'up-to-date',
  current: 'v1.0.0',
  reason: 'v1.0.0 is the newest that bugfix allows',
  policy: 'core',
  mode: 'watch',
  tags: [],
  ...rest,
})
export const candidate = (name: string, rest: Partial<Decision> = {}) =>
  decision(name, {
    kind: 'candidate',
    candidate: { tag: 'v1.0.1', digest },
    reason: 'v1.0.1 is the newest that bugfix allows from v1.0.0',
    ...rest,
  })

type News = Omit<ScanNews, 'services'> & { services: Service[] }

export const scan = (decisions: Decision[], { services = [], ...rest }: Partial<News> = {}): Alert[] =>
  scanAlerts({
    hub,
    config: { policies: [{ name: 'core', migrations: [] }], supported: [] },
    decisions,
    moving: new Set(),
    services: new Map(services.map((each) => [serviceId(each), each])),
    complete: true,
    scanId: 's1',
    now: Date.parse('2026-11-24T12:00:00Z'),
    ...rest,
  })
