import { jobManifest, labelValue } from '../../src/clients/kubernetes/job-manifest'
import { jobStateOf } from '../../src/clients/kubernetes/job-state'
import type { Job, Pod } from '../../src/clients/kubernetes/wire'
import type { JobSpec } from '../../src/clients/contracts'
import { deployment } from './kubernetes-objects'

const spec: JobSpec = {
  namespace: 'hub',
  name: 'refit-ledger-abc-0',
  image: 'example.org/hub/ledger:v1.1.0',
  command: ['npm', 'run', 'migrate'],
  deadlineMs: 90_500,
  like: { workload: 'ledger', container: 'run-migration' },
  labels: { 'refit.dev/upgrade': 'abc-1', 'refit.dev/service': 'ledger' },
}

describe('the Job of a migration', () => {
  const surroundings = {
    env: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }],
    envFrom: [{ configMapRef: { name: 'ledger' } }],
    volumeMounts: [{ name: 'config', mountPath: '/opt/app/config' }],
    resources: { limits: { memory: '256Mi' } },
    securityContext: { runAsNonRoot: true },
  }
  const placed = {
    imagePullSecrets: [{ name: 'registry' }],
    serviceAccountName: 'ledger',
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ operator: 'Exists' }],
    securityContext: { fsGroup: 1000 },
  }
  const ledger = deployment('ledger', {
    init: [{ name: 'run-migration', image: 'example.org/hub/ledger:v1.0.0', args: ['old'], ...surroundings }],
    containers: [{ name: 'api', image: 'example.org/hub/ledger:v1.0.0', env: [{ name: 'ROLE', value: 'api' }] }],
  })
  const config = { name: 'config', configMap: { name: 'ledger' } }
  Object.assign(ledger.spec?.template.spec ?? {}, placed, {
    volumes: [config, { name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    affinity: { podAntiAffinity: {}, nodeAffinity: {} },
  })

  test('runs once, with the environment and place of the container that it is like', () => {
    const labels = { ...spec.labels, 'app.kubernetes.io/managed-by': 'refit' }
    expect(JSON.parse(JSON.stringify(jobManifest(spec, ledger)))).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: spec.name, namespace: 'hub', labels },
      spec: {
        backoffLimit: 0,
        completions: 1,
        parallelism: 1,
        activeDeadlineSeconds: 91,
        template: {
          metadata: { labels },
          spec: {
            ...placed,
            restartPolicy: 'Never',
            volumes: [config],
            affinity: { nodeAffinity: {} },
            containers: [{ name: 'refit', image: spec.image, command: spec.command, ...surroundings }],
          },
        },
      },
    })
  })

  test('has no label by which a Service object finds the workload', () => {
    const labels = jobManifest(spec, ledger).spec?.template.metadata?.labels ?? {}
    for (const key of Object.keys(ledger.spec?.template.metadata?.labels ?? {})) expect(labels).not.toHaveProperty(key)
  })

  test('a container that is not there is not found', () => {
    const other = { ...spec, like: { workload: 'ledger', container: 'gone' } }
    expect(() => jobManifest(other, ledger)).toThrow('Deployment hub/ledger has no container gone.')
  })

  test.each([
    ['abc-1', 'abc-1'],
    ['-a/b_c.', 'a-b_c'],
    [`${'a'.repeat(62)}-b`, 'a'.repeat(62)],
  ])('label value of %s', (text, value) => expect(labelValue(text)).toBe(value))
})

describe('the state of a Job', () => {
  const created = '2026-11-23T04:00:00Z'
  const at = (seconds: number): number => Date.parse(created) + seconds * 1000
  const job = (conditions: object[] = []): Job =>
    ({ metadata: { creationTimestamp: created }, status: { startTime: '2026-11-23T04:00:01Z', conditions } }) as Job
  const pod = (state: object): Pod =>
    ({ metadata: { creationTimestamp: created }, status: { containerStatuses: [{ name: 'refit', state }] } }) as Pod
  const waiting = (reason: string, message = '') => pod({ waiting: { reason, message } })
  const condition = (type: string, reason = '', message = '', status = 'True') => ({ type, status, reason, message })

  test.each([
    ['succeeded', job([condition('Complete')]), [], { kind: 'succeeded' }],
    ['running', job(), [pod({ running: {} })], { kind: 'running', since: at(1) }],
    ['about to end', job([condition('SuccessCriteriaMet')]), [], { kind: 'running', since: at(1) }],
    [
      'a condition that is not true',
      job([condition('Failed', '', '', 'False')]),
      [],
      { kind: 'running', since: at(1) },
    ],
    [
      'failed, with its exit code',
      job([condition('Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit')]),
      [pod({ terminated: { exitCode: 3, reason: 'Error' } })],
      {
        kind: 'failed',
        reason: 'exit code 3, BackoffLimitExceeded, Job has reached the specified backoff limit',
        exitCode: 3,
      },
    ],
    [
      'out of memory',
      job([condition('Failed', 'BackoffLimitExceeded')]),
      [pod({ terminated: { exitCode: 137, reason: 'OOMKilled' } })],
      { kind: 'failed', reason: 'OOMKilled, exit code 137, BackoffLimitExceeded', exitCode: 137 },
    ],
    [
      'failed without a pod that says how',
      job([condition('Failed', 'BackoffLimitExceeded')]),
      [],
      { kind: 'failed', reason: 'BackoffLimitExceeded', isLost: true },
    ],
    [
      'too late',
      job([condition('Failed', 'DeadlineExceeded', 'too late')]),
      [],
      { kind: 'failed', reason: 'DeadlineExceeded, too late' },
    ],
  ])('%s', (_name, seen, pods, state) => expect(jobStateOf(seen, pods, at(600))).toEqual(state))

  test.each(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'CreateContainerConfigError'])(
    'a pod that waits with %s is given 30 s',
    (reason) => {
      expect(jobStateOf(job(), [waiting(reason, 'not found')], at(29)).kind).toBe('running')
      const failed = { kind: 'failed', reason: `${reason}: not found` }
      expect(jobStateOf(job(), [waiting(reason, 'not found')], at(30))).toEqual(failed)
    },
  )

  test.each(['ContainerCreating', 'PodInitializing'])('a pod that waits with %s is only slow', (reason) =>
    expect(jobStateOf(job(), [waiting(reason)], at(600)).kind).toBe('running'),
  )
})
