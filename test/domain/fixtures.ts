import { decide, type DecideInput, type Facts } from '../../src/domain/decide'
import type { Gitops } from '../../src/domain/gitops'
import type { ImageContract } from '../../src/domain/image-contract'
import type { ImageFacts } from '../../src/domain/image-facts'
import type { Plan } from '../../src/domain/plan'
import { makePlan } from '../../src/domain/plan'
import type { Policy } from '../../src/domain/policy'
import type { PodObservation, RolloutObservation } from '../../src/domain/rollout'
import type { PromotionVerdict } from '../../src/domain/promotion'
import type { SignatureVerdict } from '../../src/domain/signature'
import type { Service, ServiceContainer, Workload } from '../../src/domain/service'
import type { Setting } from '../../src/domain/surroundings'

export const repository = 'registry.example.org:5000/hub/ledger'
export const digest = (digit: string): string => `sha256:${digit.repeat(64)}`
export const image = (tag: string): string => `${repository}:${tag}`

export const container = (tag: string, more: Partial<ServiceContainer> = {}): ServiceContainer => ({
  name: 'ledger',
  init: false,
  image: image(tag),
  ...more,
})

export const workload = (more: Partial<Workload> = {}): Workload => ({
  kind: 'Deployment',
  name: 'ledger-api',
  uid: 'uid-api',
  resourceVersion: '1',
  generation: 3,
  observedGeneration: 3,
  replicas: 3,
  strategy: { type: 'RollingUpdate', maxSurge: 1, maxUnavailable: 0 },
  paused: false,
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
  containers: [container('v1.0.0')],
  hasReadinessProbe: true,
  hasPreStop: true,
  ...more,
})

export const service = (more: Partial<Service> = {}): Service => ({
  namespace: 'hub',
  name: 'ledger',
  repository,
  workloads: [workload()],
  runningDigests: [digest('a')],
  nodes: [],
  pullSecrets: [],
  ...more,
})

/** How an image wants to be run, unless told otherwise. */
export const contract = (more: Partial<ImageContract> = {}): ImageContract => ({
  platforms: ['linux/amd64'],
  workingDir: '/opt/ledger',
  user: 'node',
  entrypoint: ['node'],
  cmd: ['app.js'],
  ports: [3001],
  ...more,
})

/** How the workload stands in its namespace: alone, with a Service object. */
export const setting = (more: Partial<Setting> = {}): Setting => ({
  kind: 'Deployment',
  name: 'ledger-api',
  containers: [{ name: 'ledger', init: false, command: [], args: [], ports: [3001], mounts: [], nonRoot: false }],
  demand: { pods: 1, 'requests.cpu': 0.5, 'requests.memory': 2 ** 28 },
  graceSeconds: 30,
  preStopSeconds: 5,
  getsRequests: true,
  budgets: [],
  quotas: [],
  claims: [],
  ...more,
})

/** One person, verified or not, within three days. */
export const askedOnce: Policy['approval'] = {
  required: 1,
  expiresMs: 259_200_000,
  escalateMs: 0,
  unverified: 'accept',
  makerChecker: false,
  groups: [],
}

export const policy = (more: Partial<Policy> = {}): Policy => ({
  name: 'hub-core',
  select: { namespaces: ['hub'], images: ['*/hub/*'] },
  mode: 'approve',
  strategy: 'bugfix',
  prerelease: 'none',
  hotfixes: 'ignore',
  minimumAgeMs: 0,
  firstScan: 'publisher',
  platforms: 'nodes',
  approval: askedOnce,
  windows: [],
  freezes: [],
  whenWindowCloses: 'finish',
  migrations: [],
  rollout: { bakeMs: 600_000, stallMs: 120_000, deadlineMs: 600_000, maxUnavailable: 0 },
  health: [],
  helmDrift: 'refuse',
  ...more,
})

/** A policy's `gitops` over a repository that nobody has. */
export const gitops: Gitops = {
  repository: 'https://git.example.org/hub/deploy.git',
  branch: 'main',
  file: 'apps/{service}.yaml',
  syncWithinMs: 600_000,
}

/** The plan of v1.0.0 → v1.0.1 for what is given. */
export function planOf(given: { service?: Service; policy?: Policy } = {}): Plan {
  const draft = makePlan({
    hub: { name: 'green-hub', environment: 'test' },
    service: given.service ?? service(),
    policy: given.policy ?? policy(),
    candidate: { tag: 'v1.0.1', digest: digest('b') },
    migrationFiles: { './migrations': [{ phase: 'expand', name: '001_a.js', sha256: 'f'.repeat(64) }] },
  })
  if (draft.kind !== 'plan') throw new Error(draft.reason)
  return draft.plan
}

export const newImage = `${image('v1.0.1')}@${digest('b')}`

export const pod = (more: Partial<PodObservation> = {}): PodObservation => ({
  name: 'new-1',
  isNew: true,
  phase: 'Running',
  ready: true,
  deleting: false,
  createdAt: 0,
  restarts: 0,
  waiting: [],
  terminated: [],
  digests: [digest('b')],
  ...more,
})

/** A Deployment of three whose rollout is complete, unless told otherwise. */
export const observation = (more: Partial<RolloutObservation> = {}): RolloutObservation => ({
  uid: 'uid-api',
  generation: 4,
  observedGeneration: 4,
  desired: 3,
  updated: 3,
  total: 3,
  available: 3,
  paused: false,
  conditions: [],
  containers: [{ name: 'ledger', init: false, image: newImage }],
  pods: [pod(), pod({ name: 'new-2' }), pod({ name: 'new-3' })],
  ...more,
})

export const now = Date.parse('2026-11-24T12:00:00Z')

export const inputOf = (more: Partial<DecideInput> = {}): DecideInput => ({
  service: service(),
  policy: policy(),
  tags: { kind: 'list', tags: ['v1.0.0', 'v1.0.1'] },
  quarantined: [],
  lines: [],
  marks: {},
  nodePlatforms: [],
  now,
  ...more,
})

export interface Answers {
  digestOf?: (tag: string) => string | null
  imageOf?: (tag: string) => Partial<ImageFacts> | null
  rejectionOf?: (digest: string) => string | null
  promotionOf?: (digest: string) => PromotionVerdict
  /** of a digest */
  signatureOf?: (digest: string) => SignatureVerdict
}

/** Asks until it is decided, as a scan does; `asked` are the registry's look-ups in order, images as `image TAG`. */
export function decided(more: Partial<DecideInput>, answers: Answers = {}, start: Partial<Facts> = {}) {
  const input = inputOf(more)
  const { digestOf = (tag) => digest(tag === 'v1.0.0' ? 'a' : 'b'), imageOf, rejectionOf } = answers
  let facts: Facts = { seen: {}, digests: {}, images: {}, rejected: {}, ...start }
  const asked: string[] = []
  for (let round = 0; round < 50; round += 1) {
    const step = decide(input, facts)
    if (step.kind === 'decided') return { ...step, asked }
    const {
      digestOf: tag,
      imageOf: image,
      rejectionOf: rejection,
      promotionOf: promotion,
      signatureOf: signature,
    } = step
    if (tag !== undefined) {
      asked.push(tag)
      facts = { ...facts, digests: { ...facts.digests, [tag]: digestOf(tag) } }
    }
    if (image) {
      asked.push(`image ${image.tag}`)
      const answer = imageOf?.(image.tag) ?? null
      const filled = answer && { digest: image.digest, platforms: [], ...answer }
      facts = { ...facts, images: { ...facts.images, [image.digest]: filled } }
    }
    if (promotion && answers.promotionOf)
      facts = { ...facts, promotions: { ...facts.promotions, [promotion]: answers.promotionOf(promotion) } }
    if (signature && answers.signatureOf)
      facts = { ...facts, signatures: { ...facts.signatures, [signature]: answers.signatureOf(signature) } }
    if (rejection) facts = { ...facts, rejected: { ...facts.rejected, [rejection]: rejectionOf?.(rejection) ?? null } }
  }
  throw new Error('it asks for ever')
}
