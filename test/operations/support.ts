/* eslint-disable @typescript-eslint/require-await -- a fake answers at once, in the shape of what waits */
import type { Kubernetes, Registry } from '../../src/clients/contracts'
import type { Answer, HubTemporal } from '../../src/operations/temporal'
import { digest, ledger, observation, scheduleInfo } from './fixtures'

export * from './fake-store'
export * from './fixtures'

export type TemporalScript = Omit<Partial<HubTemporal>, 'workers'> & {
  answer?: Answer
  workers?: number
  isOpen?: boolean
}

/** A Temporal that answers like this; what is sent is kept in `sent`. */
export function fakeTemporal(script: TemporalScript = {}) {
  const { answer = { kind: 'accepted', message: 'approved by ana' }, workers = 1, isOpen = true, ...methods } = script
  const sent: { as: 'update' | 'signal'; workflowId: string; verb: string; input: unknown; updateId?: string }[] = []
  const woken: string[] = []
  const temporal: HubTemporal = {
    namespace: 'green',
    async update(workflowId, verb, input, { updateId }) {
      sent.push({ as: 'update', workflowId, verb, input, updateId })
      return answer
    },
    async signal(workflowId, verb, input) {
      sent.push({ as: 'signal', workflowId, verb, input })
      return isOpen
    },
    workers: async () => workers,
    triggerScan: async () => ({ workflowId: 'refit/scan-2', alreadyRan: false }),
    scanState: async () => ({ kind: 'done', complete: true, summary: '1 candidate', started: ['hub/ledger'] }),
    scanRepositories: async () => undefined,
    async wake(workflowId) {
      woken.push(workflowId)
      return isOpen
    },
    openWorkflows: async () => [],
    startRelease: async () => true,
    startUpgrade: () => Promise.resolve(true),
    startData: () => Promise.resolve(true),
    check: async () => ({ missingSearchAttributes: [], lastPollAt: null }),
    schedules: async () => [scheduleInfo()],
    triggerSchedule: async (id) => ({ workflowId: `${id}-2`, alreadyRan: false }),
    pauseSchedule: async () => undefined,
    resumeSchedule: async () => undefined,
    removeSchedule: async () => true,
    ...methods,
  }
  return { temporal, sent, woken }
}

const anyContract = {
  ...{ platforms: ['linux/amd64'], workingDir: '/opt/app', user: 'node', entrypoint: [], cmd: ['node', 'app.js'] },
  ports: [3000],
}

export const fakeKubernetes = (methods: Partial<Kubernetes> = {}): Kubernetes =>
  ({
    observeServices: async () => [ledger],
    surroundings: async () => ({ settings: [], unread: [] }),
    observeRollout: async () => observation('127.0.0.1:5000/hub/ledger:v1.0.0'),
    patchImages: async () => ({ changed: true }),
    nodePlatforms: async () => undefined,
    namespaces: async () => ['default', 'hub', 'kube-system'],
    version: async () => ({ version: 'v1.34.0', at: new Date() }),
    denied: async () => [],
    close: async () => undefined,
    ...methods,
  }) as Kubernetes

export const fakeRegistry = (
  tags: string[] = ['v1.0.0', 'v1.0.1', 'v2.0.0'],
  methods: Partial<Registry> = {},
): Registry => ({
  listTags: async () => ({ tags, hash: tags.join() }),
  digestOf: async (_repository, tag) =>
    tags.includes(tag) ? digest(tag === 'v1.0.0' ? '0' : tag === 'v1.0.1' ? '1' : '2') : undefined,
  imageFacts: async () => undefined,
  imageContract: async () => anyContract,
  imageFiles: async () => undefined,
  signatures: async () => [],
  requests: () => ({}),
  close: async () => undefined,
  ...methods,
})
